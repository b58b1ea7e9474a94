using Microsoft.AspNetCore.Cors.Infrastructure;
using PaymentSim.Core;

namespace PaymentSim.Api.Rest;

/// <summary>The REST face: everything under /v1.</summary>
internal static class RestSetup
{
    private const string Root = "/v1";

    public static void AddRest(this IServiceCollection services)
    {
        services.AddControllersWithViews().AddJsonOptions(json =>
        {
            CoreJson.Configure(json.JsonSerializerOptions);
            CoreJson.WriteObjectsOnce(json.JsonSerializerOptions);
        });
        services.AddSingleton<Microsoft.AspNetCore.Mvc.ModelBinding.ParameterBinder, RestParameterBinder>();
        services.AddCors().AddSingleton<ICorsPolicyProvider, CrossOrigin>();
    }

    /// <summary>Its requests meet nothing that is there for pages: comes before all of that.</summary>
    public static void UseRest(this WebApplication app) => app.MapWhen(http => http.Request.Path.StartsWithSegments(Root), rest =>
    {
        rest.UseMiddleware<RestMiddleware>();
        rest.UseRouting();
        rest.UseCors();
        rest.UseEndpoints(endpoints => endpoints.MapControllers());
    });
}
