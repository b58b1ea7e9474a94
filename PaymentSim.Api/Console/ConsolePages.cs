using FluentValidation.AspNetCore;
using FluentValidation.Validators;

namespace PaymentSim.Api.Console;

/// <summary>
/// The home page: make a test charge by hand and watch its webhooks. And the pages that merchants' customers are sent to. Their files are served from wwwroot.
/// </summary>
internal static class ConsolePages
{
    /// <summary>What other faces answer: their errors and headers are their own.</summary>
    private static readonly PathString[] Others = ["/hangfire", "/docs", "/openapi", "/health"];

    public static void AddConsole(this IServiceCollection services)
    {
        services.AddRazorPages(pages => pages.RootDirectory = "/Console")
            .AddMvcOptions(mvc => mvc.ModelBinderProviders.Insert(0, new ChargeSourceBinderProvider()));
        // The validators of Core check the form twice: in the browser by the attributes they write, and on the server.
        services.AddFluentValidationAutoValidation().AddFluentValidationClientsideAdapters(adapters =>
            adapters.Add(typeof(ILessThanOrEqualValidator), (_, rule, component) => new MaximumRule(rule, component)));
        services.AddSingleton<KeyCookie>().AddScoped<Visitor>().AddScoped<Guest>();
    }

    public static void UseConsole(this WebApplication app) => app.UseWhen(
        http => !Others.Any(other => http.Request.Path.StartsWithSegments(other)),
        pages => pages.UseMiddleware<PageMiddleware>());

    public static void MapConsole(this WebApplication app) => app.MapRazorPages();
}
