using System.Text;
using Microsoft.AspNetCore.DataProtection;
using PaymentSim.Api.Console;
using PaymentSim.Api.Dashboard;
using PaymentSim.Api.Jobs;
using PaymentSim.Api.Rest;
using PaymentSim.Core;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Merchants;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Api.Hosting;

/// <summary>Puts the simulator together: Core, jobs and faces in one web application.</summary>
internal static class Simulator
{
    private const long MaxRequestBytes = 1024 * 1024;

    /// <param name="args">Settings of the command line, such as <c>--urls</c> or <c>--PaymentSim:DataDirectory</c>.</param>
    /// <param name="configure">Further settings, stronger than all others.</param>
    /// <exception cref="SettingException">A setting is unknown or has a wrong value.</exception>
    /// <exception cref="StorageException">The database cannot be opened.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = CreateBuilder(args);
        configure?.Invoke(builder);
        var settings = Settings.Read(builder.Configuration);

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
            kestrel.AddServerHeader = false;
            // The one header that echoes what a client chose; all others are ASCII.
            kestrel.ResponseHeaderEncodingSelector = name => name == RestMiddleware.IdempotencyKeyHeader ? Encoding.UTF8 : null;
        });
        // A buffer of 4 KB for each connection that is open: without one it is asked twice whether something has come, once for each request.
        builder.WebHost.UseSockets(sockets => sockets.WaitForDataBeforeAllocatingBuffer = false);
        builder.Services.AddSingleton(settings).AddSingleton<AccessPolicy>();
        builder.Services.AddPaymentSimCore(settings.Core);
        builder.Services.AddSingleton(provider => WebhookNetworks(settings.Core.Webhooks, provider.GetRequiredService<AccessPolicy>()));
        builder.Services.AddHostedService<Sweeper>();
        builder.Services.AddJobs(settings.Jobs, settings.Core.Webhooks);
        builder.Services.AddJobsDashboard();
        builder.Services.AddAntiforgery();
        builder.Services.AddDataProtection().SetApplicationName("PaymentSim")
            .PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(settings.Core.Storage.DataDirectory, "antiforgery")));
        builder.Services.AddRest();
        builder.Services.AddConsole();
        builder.Services.AddReference();
        builder.Services.AddHealth();

        var app = Open(builder);
        app.UseRest();
        app.UseConsole();
        app.UseRouting();
        // Named, for else the framework puts them before everything, and so before /v1.
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseStaticFiles();
        app.MapConsole();
        app.MapReference();
        app.MapHealth();
        app.MapJobsDashboard();
        return app;
    }

    /// <summary>With the settings read from where they are looked for, and nothing else.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args) => WebApplication.CreateBuilder(new WebApplicationOptions
    {
        Args = args,
        // The controllers are looked for in the assembly of this name: this one, whichever program builds the simulator.
        ApplicationName = typeof(Simulator).Assembly.GetName().Name,
        // Where the program is, not where it was called: that is where its appsettings.json lies.
        ContentRootPath = AppContext.BaseDirectory,
    });

    /// <summary>Where only this machine's own programs can register a URL, it may lead to this machine's networks.</summary>
    private static NetworkPolicy WebhookNetworks(WebhookOptions options, AccessPolicy access) => new(
        options.AllowedHosts,
        async stopping => options.AllowPrivateNetworks ?? await access.WhenKnownAsync(stopping) == Access.Sandbox);

    /// <summary>With its storage opened: what is wrong with that is said now, and not by whatever needs it first.</summary>
    private static WebApplication Open(WebApplicationBuilder builder)
    {
        var app = builder.Build();
        try
        {
            app.Services.OpenStorage();
            return app;
        }
        catch
        {
            ((IDisposable)app).Dispose();
            throw;
        }
    }
}
