using System.CommandLine;
using PaymentSim.Api.Hosting;
using PaymentSim.Core.Storage.Postgres;

namespace PaymentSim.Api.Cli;

/// <summary><c>migrate-data</c>: moves a simulator from its SQLite file to PostgreSQL, all or nothing.</summary>
internal static class MigrateDataCommand
{
    public static Command Create()
    {
        var to = new Option<string>("--to")
        {
            Description = "The connection string of an empty PostgreSQL database; without it, the one of ConnectionStrings:PaymentSim, which the environment can hold.",
        };
        var command = new Command("migrate-data", "Copy all data from the SQLite file to PostgreSQL. Stop the simulator first; the file is left as it is.") { to };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, cancellationToken) => StartupErrors.ReportAsync(async () =>
        {
            var builder = Simulator.CreateBuilder([.. SettingArguments.Check(parsed.UnmatchedTokens)]);
            var source = Settings.Read(builder.Configuration).Core.Storage;
            var target = parsed.GetValue(to) ?? builder.Configuration.GetConnectionString("PaymentSim");
            if (string.IsNullOrEmpty(target)) throw new SettingException("Where to? Give --to \"Host=…;Database=…;Username=…;Password=…\", or ConnectionStrings:PaymentSim.");

            using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Warning).AddConsole());
            var rows = await DataMove.RunAsync(
                source, target, TimeProvider.System, loggers, (table, count) => System.Console.WriteLine($"  {table,-20} {count,12:N0} rows"), cancellationToken);
            System.Console.WriteLine($"Copied {rows:N0} rows. What was pending goes on when the simulator is started there:");
            System.Console.WriteLine("  PaymentSim:Storage=postgres, ConnectionStrings:PaymentSim as given here, and the same key on every node:");
            System.Console.WriteLine(source.SecretKey is null ? $"  {source.KeyFile}" : "  PaymentSim:SecretKey");
            System.Console.WriteLine("The dashboard's history of jobs is not copied, and the file is left as it was: do not go on with both.");
        }));
        return command;
    }
}
