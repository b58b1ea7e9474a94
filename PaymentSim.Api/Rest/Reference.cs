using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using PaymentSim.Core;
using Scalar.AspNetCore;

namespace PaymentSim.Api.Rest;

/// <summary>The API's description at /openapi/v1.json, and a page that shows it at /docs, from the program's own files.</summary>
internal static class Reference
{
    private const string Page = "/docs";

    /// <summary>The page runs scripts and styles of its own, and the browser lets none of them ask another host for anything.</summary>
    private const string NothingFromElsewhere = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        + "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; base-uri 'none'; frame-ancestors 'none'";

    public static void AddReference(this IServiceCollection services) => services.ConfigureHttpJsonOptions(json => CoreJson.Configure(json.SerializerOptions)).AddOpenApi("v1", options =>
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
        options.AddOperationTransformer<ParametersTransformer>();
    });

    /// <summary>Describes what <see cref="ParameterModelBinder"/> reads: query parameters, or a body that may be JSON or a form.</summary>
    private sealed class ParametersTransformer : IOpenApiOperationTransformer
    {
        private static readonly string[] BodyTypes = ["application/x-www-form-urlencoded", "application/json"];

        public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
        {
            if (context.Description.ActionDescriptor.Parameters.FirstOrDefault() is not { } parameter) return;

            var path = context.Description.RelativePath!;
            var schema = await context.GetOrCreateSchemaAsync(parameter.ParameterType, cancellationToken: cancellationToken);
            var properties = (schema.Properties ?? new Dictionary<string, IOpenApiSchema>()).ToDictionary();
            operation.Parameters = [];
            foreach (var name in properties.Keys.Where(name => path.Contains($"{{{name}}}", StringComparison.Ordinal)).ToList())
            {
                operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Path, Required = true, Schema = properties[name] });
                properties.Remove(name);
            }

            operation.RequestBody = null;
            if (context.Description.HttpMethod is "POST" or "PUT")
            {
                var body = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = properties };
                operation.RequestBody = new OpenApiRequestBody
                {
                    Content = BodyTypes.ToDictionary(type => type, _ => new OpenApiMediaType { Schema = body }),
                };
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = "Idempotency-Key",
                    In = ParameterLocation.Header,
                    Description = "Repeat a request with the same key, and it has its effect once.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 255 },
                });
                return;
            }

            foreach (var (name, property) in properties)
                operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = property.Description, Schema = property });
        }
    }

    public static void MapReference(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapScalarApiReference(Page, scalar => scalar
            .WithTitle("PaymentSim API")
            .WithOpenApiRoutePattern("/openapi/v1.json")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideClientButton()
            .HideDeveloperTools());
        app.Use((http, next) =>
        {
            if (http.Request.Path.StartsWithSegments(Page)) http.Response.Headers.ContentSecurityPolicy = NothingFromElsewhere;
            return next(http);
        });
    }
}
