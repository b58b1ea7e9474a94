using System.Text.RegularExpressions;
using Hangfire.Dashboard;

namespace PaymentSim.Api.Dashboard;

/// <summary>
/// What a form on one of our pages does. It answers with the page to go on with, so that reloading that does nothing again. Hangfire has refused
/// before what comes without the page's token; what comes from one who may only look is refused here.
/// </summary>
/// <param name="act">Does it, and answers a path below the dashboard's address.</param>
internal sealed partial class PageCommand(Func<HttpContext, IFormCollection, Task<string>> act) : IDashboardDispatcher
{
    /// <summary>The field that says where to go back to.</summary>
    public const string Back = "back";

    public async Task Dispatch(DashboardContext context)
    {
        var http = context.GetHttpContext();
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        if (context.IsReadOnly || !http.Request.HasFormContentType)
        {
            http.Response.StatusCode = context.IsReadOnly ? StatusCodes.Status403Forbidden : StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        var path = await act(http, await http.Request.ReadFormAsync(http.RequestAborted));
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = http.Request.PathBase + (Plain().IsMatch(path) ? path : "/deliveries");
    }

    /// <summary>The path that a form wants to lead back to, with something said there.</summary>
    public static string BackTo(IFormCollection form, string said)
    {
        var path = form[Back].ToString();
        return $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{said}";
    }

    /// <summary>One slash, and then nothing that a header could not hold.</summary>
    [GeneratedRegex(@"^/[a-z][\x21-\x7e]*\z")]
    private static partial Regex Plain();
}
