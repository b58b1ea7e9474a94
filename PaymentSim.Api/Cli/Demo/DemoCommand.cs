using System.CommandLine;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace PaymentSim.Api.Cli.Demo;

/// <summary>
/// <c>demo</c>: the simulator and a shop, side by side, with several purchases, and what became of each. <c>demo --once</c> checks that the
/// shop's database agrees with the simulator's, and ends.
/// </summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var once = new Option<bool>("--once") { Description = "Check that shop and simulator agree on every order, stop both and exit: 0 if they do." };
        var url = new Option<string>("--url") { Description = "Where the simulator listens.", DefaultValueFactory = _ => "http://localhost:5080" };
        var shopUrl = new Option<string>("--shop-url") { Description = "Where the shop listens.", DefaultValueFactory = _ => "http://localhost:5090" };
        var command = new Command("demo", "Run the simulator together with the demo shop and buy several things in it.") { once, url, shopUrl };
        command.SetAction(async (parsed, _) =>
        {
            var options = new DemoOptions(
                parsed.GetValue(once), new Uri(parsed.GetValue(url)!, UriKind.Absolute), new Uri(parsed.GetValue(shopUrl)!, UriKind.Absolute));
            using var stop = new CancellationTokenSource();
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            return await RunAsync(options, stop.Token);

            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = true;
                stop.Cancel();
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, CancellationToken stop)
    {
        try
        {
            return await StartupErrors.ReportAsync(() => new DemoRun(options, AnsiConsole.Console).RunAsync(stop));
        }
        catch (DemoException failure)
        {
            await System.Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await System.Console.Error.WriteLineAsync("Stopped.");
            return options.Once ? 130 : 0;
        }
    }
}

/// <param name="Once">True: check and exit; false: stay up until Ctrl-C.</param>
internal sealed record DemoOptions(bool Once, Uri Url, Uri ShopUrl);

/// <summary>The demo cannot go on, or found a disagreement: the message is for the person who runs it.</summary>
internal sealed class DemoException(string message) : Exception(message);
