using System.CommandLine;
using PaymentSim.Api.Cli.Bench;
using PaymentSim.Api.Cli.Check;
using PaymentSim.Api.Cli.Demo;

namespace PaymentSim.Api.Cli;

/// <summary>
/// The program's verbs: <c>serve</c> (the default), <c>demo</c>, <c>keys create</c>, <c>migrate-data</c>, <c>check</c>, <c>events resend</c>, <c>webhooks recover</c>
/// and <c>bench</c>.
/// </summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("PaymentSim, a payment processor that runs on your own machine.")
        {
            ServeCommand.Create(),
            DemoCommand.Create(),
            KeysCommand.Create(),
            MigrateDataCommand.Create(),
            CheckCommand.Create(),
            EventsCommand.Create(),
            WebhooksCommand.Create(),
            BenchCommand.Create(),
        };
        // Without a verb the simulator is served: `paymentsim --urls http://127.0.0.1:5080`.
        var verbs = root.Subcommands.Select(command => command.Name);
        var named = args.Length > 0 && (verbs.Contains(args[0]) || args[0] is "--help" or "-h" or "-?" or "--version");
        var parsed = root.Parse(named ? args : [ServeCommand.Name, .. args]);
        if (await CheckCommand.RefuseAsync(parsed) is { } refused) return refused;
        // Signals are the host's: it stops in good order, and that takes longer than this library would wait.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }
}
