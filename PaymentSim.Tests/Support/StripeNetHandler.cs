using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Stripe;

namespace PaymentSim.Tests.Support;

/// <summary>The handler that docs/webhooks.md shows for Stripe.net, on a port of its own.</summary>
internal sealed class StripeNetHandler : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StripeNetHandler(WebApplication app) => (_app, Url) = (app, app.Urls.Single() + "/webhooks");

    public string Url { get; }

    public static async Task<StripeNetHandler> StartAsync(string secret)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore().AddLogging(logging => logging.ClearProviders());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        var app = builder.Build();
        Map(app, secret);
        await app.StartAsync();
        return new StripeNetHandler(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static void Map(WebApplication app, string secret)
    {
        // docs/webhooks.md: begin
        var seen = new ConcurrentDictionary<string, bool>(); // in your shop: a table with a unique key, written in the transaction that changes the order

        app.MapPost("/webhooks", async (HttpRequest request) =>
        {
            // As it came: parsed and written again it would be another text.
            var body = await new StreamReader(request.Body).ReadToEndAsync();
            Event received;
            try
            {
                received = EventUtility.ConstructEvent(body, request.Headers["Stripe-Signature"].ToString(), secret);
            }
            catch (Exception refused) // a signature that is wrong or old, another API version, a body that is no event
            {
                return Results.BadRequest(refused.Message);
            }

            if (seen.TryAdd(received.Id, true) && received.Data.Object is Charge charge && received.Type == EventTypes.ChargeSucceeded)
                Console.WriteLine($"paid: {charge.Id}");
            return Results.Ok(); // also to duplicates, and to types that you do not know
        });
        // docs/webhooks.md: end
    }
}
