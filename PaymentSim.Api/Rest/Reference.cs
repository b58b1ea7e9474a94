using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace PaymentSim.Api.Rest;

/// <summary>The API's description at /openapi/v1.json, and a page that shows it at /docs, from the program's own files.</summary>
internal static class Reference
{
    public static void AddReference(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.ShouldInclude = description => description.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "PaymentSim",
                Version = "v1",
                Description = "A payment processor that runs on your own machine. It speaks the dialect of Stripe's v1 API: point an official SDK at this "
                    + "address, use any key that begins with sk_test_, and get signed webhooks that are retried until they arrive.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes["key"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A secret key: sk_test_…",
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
            return Task.CompletedTask;
        });
    });

    public static void MapReference(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapScalarApiReference("/docs", scalar => scalar
            .WithTitle("PaymentSim API")
            .WithOpenApiRoutePattern("/openapi/v1.json"));
    }
}
