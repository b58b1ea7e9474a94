using PaymentSim.Api.Hosting;
using PaymentSim.Core.Merchants;
using PaymentSim.Core.Storage;

namespace PaymentSim.Api.Cli;

/// <summary>What a person wants to know once the simulator is up.</summary>
internal static class Banner
{
    public static void Write(WebApplication app)
    {
        var url = app.Urls.First();
        System.Console.WriteLine($"PaymentSim is ready at {string.Join(", ", app.Urls)}");
        System.Console.WriteLine($"  home       {url}/");
        System.Console.WriteLine($"  reference  {url}/docs");
        System.Console.WriteLine($"  jobs       {url}/hangfire");
        System.Console.WriteLine($"  data       {app.Services.GetRequiredService<Database>().Location}");
        System.Console.WriteLine(app.Services.GetRequiredService<AccessPolicy>().Current == Access.Sandbox
            ? "  keys       any key that begins with sk_test_, each with its own data"
            : "  keys       only those made with 'keys create'");
    }
}
