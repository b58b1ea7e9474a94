using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>Starts a server that does nothing; answers its URL.</summary>
internal sealed record BareServerOrder : BenchOrder;

/// <summary>Kestrel that answers every request with the same bytes: what the load generator reaches here is what it can do at most.</summary>
internal static class BareServer
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes($$"""{"id":"ch_{{new string('0', 22)}}","object":"charge","padding":"{{new string('x', 2000)}}"}""");

    /// <summary>It runs as long as the process.</summary>
    public static async Task<string> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = Answer.Length;
            await http.Response.Body.WriteAsync(Answer);
        });
        await app.StartAsync();
        return app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }
}
