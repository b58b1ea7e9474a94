using System.Text.Json;
using MerchantDemo.Webhooks;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace MerchantDemo;

/// <summary>Puts the parts together, opens the shop, and closes it quickly.</summary>
internal static class ShopHost
{
    public static void AddShop(this WebApplicationBuilder builder, ShopSettings settings)
    {
        builder.Services
            .AddSingleton(settings)
            .AddSingleton(TimeProvider.System)
            .AddSingleton<Database>()
            .AddSingleton<OrderStore>()
            .AddSingleton<OrderUpdates>()
            .AddSingleton<PaymentSimClient>()
            .AddSingleton<Checkout>()
            .AddSingleton<SignatureVerifier>()
            .AddSingleton<WebhookInbox>()
            .AddSingleton<WebhookRegistration>()
            .AddHostedService(services => services.GetRequiredService<WebhookRegistration>())
            .ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower)
            .Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));

        // The host would log a failed start with a stack trace; Program prints it as one line.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
    }

    public static async Task OpenShopAsync(this WebApplication app)
    {
        var started = app.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        app.Services.GetRequiredService<Database>().CreateSchema();
        await app.StartAsync();

        app.Services.GetRequiredService<OrderStore>().OfferRetryOfInterrupted(started);
        if (app.Services.GetRequiredService<ShopSettings>().ExitWhenInputCloses)
            StopWhenInputCloses(app.Lifetime);

        Console.WriteLine($"Shop is open at {app.Services.GetRequiredService<IServer>().ListeningAddress()}");
    }

    /// <summary>The address to open in a browser; known once the server has started.</summary>
    public static string ListeningAddress(this IServer server)
    {
        var address = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();

        // Addresses that mean "every interface" can be listened on, but not called.
        return address.Replace("://[::]", "://localhost").Replace("://0.0.0.0", "://localhost").TrimEnd('/');
    }

    // Reading standard input cannot be cancelled, so it gets a thread that does not keep the process alive.
    private static void StopWhenInputCloses(IHostApplicationLifetime lifetime) =>
        new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            var discarded = new byte[256];
            while (input.Read(discarded) > 0)
            {
            }

            lifetime.StopApplication();
        })
        { IsBackground = true, Name = "standard input" }.Start();
}
