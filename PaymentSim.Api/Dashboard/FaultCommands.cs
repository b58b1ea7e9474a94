using System.Globalization;
using MediatR;
using PaymentSim.Core;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Dashboard;

/// <summary>What the buttons do that break an endpoint's webhooks on purpose, and mend them.</summary>
internal static class FaultCommands
{
    /// <summary>What became of it, in the page's address.</summary>
    public const string Said = "faults";

    public const string Refused = "refused";

    /// <summary>The endpoint's next webhooks meet this fault.</summary>
    public static Task<string> SetAsync(HttpContext http, IFormCollection form) => DoAsync(
        http,
        form,
        SetEndpointFaults.Of(form["merchant"].ToString(), form["endpoint"].ToString()) with
        {
            Faults = [new FaultParameters
            {
                Kind = form["kind"].ToString(),
                Next = long.TryParse(form["next"], NumberStyles.None, CultureInfo.InvariantCulture, out var next) ? next : null,
            }],
        },
        "set");

    public static Task<string> ClearAsync(HttpContext http, IFormCollection form) =>
        DoAsync(http, form, ClearEndpointFaults.Of(form["merchant"].ToString(), form["endpoint"].ToString()), "cleared");

    private static async Task<string> DoAsync<T>(HttpContext http, IFormCollection form, IRequest<T> command, string done)
    {
        try
        {
            await http.RequestServices.GetRequiredService<IMediator>().Send(command, http.RequestAborted);
            return PageCommand.BackTo(form, $"{Said}={done}");
        }
        catch (ProblemException refused)
        {
            return PageCommand.BackTo(form, $"{Refused}={Uri.EscapeDataString(refused.Message)}");
        }
    }
}
