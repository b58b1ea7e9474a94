using System.CommandLine;
using MediatR;
using PaymentSim.Api.Hosting;
using PaymentSim.Core.Merchants;

namespace PaymentSim.Api.Cli;

/// <summary><c>keys create</c>: makes a merchant and shows its keys, the secret one this once.</summary>
internal static class KeysCommand
{
    public static Command Create()
    {
        var name = new Option<string>("--name") { Description = "What to call the merchant.", DefaultValueFactory = _ => "Merchant" };
        var create = new Command("create", "Make a merchant and its secret key. Only a hash of the key is kept. On SQLite, stop the simulator first.")
        {
            name,
        };
        create.TreatUnmatchedTokensAsErrors = false;
        create.SetAction((parsed, cancellationToken) => StartupErrors.ReportAsync(async () =>
        {
            await using var app = Simulator.Build([.. SettingArguments.Check(parsed.UnmatchedTokens)]);
            await using var scope = app.Services.CreateAsyncScope();
            var made = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new CreateApiKey(parsed.GetValue(name)!), cancellationToken);
            System.Console.WriteLine($"merchant  {made.MerchantId}");
            System.Console.WriteLine($"key       {made.Key}");
            System.Console.WriteLine($"browsers  {made.PublishableKey}");
            System.Console.WriteLine("The key is not shown again; browsers' publishable key stands on the home page, too.");
        }));
        return new Command("keys", "Secret API keys.") { create };
    }
}
