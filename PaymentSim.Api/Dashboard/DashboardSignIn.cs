using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Hangfire.Dashboard;
using PaymentSim.Api.Hosting;

namespace PaymentSim.Api.Dashboard;

/// <summary>
/// Who may open the dashboard. Where nobody is named in the settings: browsers on this machine, with all rights. Else those who are named, by HTTP
/// Basic authentication, and on this machine too: a proxy in front of the simulator can look like a browser on this machine.
/// </summary>
internal sealed class DashboardSignIn(DashboardUsers users) : IDashboardAuthorizationFilter
{
    private const string Scheme = "Basic";

    /// <summary>True for who may only look.</summary>
    public static bool IsReadOnly(DashboardContext context) => PersonOf(context.GetHttpContext()) is { Role: not DashboardRole.Operator };

    /// <summary>The name of who asks; null where nobody is named.</summary>
    public static string? NameOf(HttpContext http) => PersonOf(http)?.Name;

    public bool Authorize(DashboardContext context)
    {
        var http = context.GetHttpContext();
        if (users.IsEmpty) return IsThisMachine(http);
        if (Credentials(http) is { } given && users.Find(given.Name, given.Password) is { } role)
        {
            // Not the request's user: Hangfire has made the page's token already, for whoever that was before.
            http.Items[typeof(Person)] = new Person(given.Name, role);
            return true;
        }

        http.Response.Headers.WWWAuthenticate = $"{Scheme} realm=\"PaymentSim jobs\", charset=\"UTF-8\"";
        return false;
    }

    private static Person? PersonOf(HttpContext http) => (Person?)http.Items[typeof(Person)];

    private static (string Name, string Password)? Credentials(HttpContext http)
    {
        if (!AuthenticationHeaderValue.TryParse(http.Request.Headers.Authorization, out var header)
            || !header.Scheme.Equals(Scheme, StringComparison.OrdinalIgnoreCase) || header.Parameter is not { } parameter)
        {
            return null;
        }

        var bytes = new byte[parameter.Length];
        if (!Convert.TryFromBase64String(parameter, bytes, out var length)) return null;
        return Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [var name, var password] ? (name, password) : null;
    }

    /// <summary>
    /// Only a browser on this machine that asked for this machine by name: a proxy in between, or a page that points its own host name at
    /// 127.0.0.1, makes the connection look local without being so.
    /// </summary>
    private static bool IsThisMachine(HttpContext http)
    {
        var host = http.Request.Host.Host;
        return http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
            && (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip)))
            && !http.Request.Headers.ContainsKey("X-Forwarded-For") && !http.Request.Headers.ContainsKey("Forwarded");
    }

    private sealed record Person(string Name, DashboardRole Role);
}
