using PaymentSim.Api.Hosting;
using PaymentSim.Core.Merchants;

namespace PaymentSim.Api.Cli;

/// <summary>What a person wants to know once the simulator is up.</summary>
internal static class Banner
{
    public static void Write(WebApplication app)
    {
        var settings = app.Services.GetRequiredService<Settings>();
        var url = app.Urls.First();
        System.Console.WriteLine($"PaymentSim is ready at {string.Join(", ", app.Urls)}");
        System.Console.WriteLine($"  home       {url}/");
        System.Console.WriteLine($"  reference  {url}/docs");
        System.Console.WriteLine($"  jobs       {url}/hangfire");
        System.Console.WriteLine($"  data       {settings.Core.Storage.DataDirectory}");
        System.Console.WriteLine(app.Services.GetRequiredService<AccessPolicy>().Current == Access.Sandbox
            ? "  keys       any key that begins with sk_test_, each with its own data"
            : "  keys       only those made with 'keys create'");
    }
}
