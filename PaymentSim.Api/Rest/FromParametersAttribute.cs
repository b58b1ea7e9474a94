using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ModelBinding.Validation;
using PaymentSim.Core;

namespace PaymentSim.Api.Rest;

/// <summary>Binds a request of Core from the query string, the JSON or form body, and the route.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class FromParametersAttribute : ModelBinderAttribute<ParameterModelBinder>;

/// <summary>Reads the request's parameters and builds the action's argument of them. Validation is the pipeline's: once, for every face.</summary>
internal sealed class ParameterModelBinder : IModelBinder
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Json = "application/json";

    public async Task BindModelAsync(ModelBindingContext bindingContext)
    {
        var parameters = await ReadAsync(bindingContext.HttpContext.Request);
        var route = bindingContext.ActionContext.RouteData.Values
            .Where(value => value.Key is not ("controller" or "action"))
            .ToDictionary(value => value.Key, value => value.Value?.ToString() ?? "");
        var model = ParameterBinder.Bind(bindingContext.ModelType, parameters, route);
        bindingContext.ValidationState[model] = new ValidationStateEntry { SuppressValidation = true };
        bindingContext.Result = ModelBindingResult.Success(model);
    }

    /// <exception cref="ProblemException">The parameters are malformed or of an unknown content type.</exception>
    internal static async Task<ParameterNode.Map> ReadAsync(HttpRequest request)
    {
        var body = await ReadBodyAsync(request);
        var parameters = new ParameterNode.Map([]);
        if (body.Length > 0)
        {
            if (request.ContentType is null || request.ContentType.StartsWith(Form, StringComparison.OrdinalIgnoreCase))
            {
                Parameters.AddForm(parameters, body.Span);
            }
            else if (request.ContentType.StartsWith(Json, StringComparison.OrdinalIgnoreCase))
            {
                parameters = Parameters.FromJson(body);
            }
            else
            {
                throw new ProblemException(Problem.Invalid($"Send parameters as {Form} or {Json}; this request's Content-Type is neither."));
            }
        }

        if (request.QueryString.Value is { Length: > 1 } query) Parameters.AddForm(parameters, Encoding.UTF8.GetBytes(query[1..]));
        return parameters;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpRequest request)
    {
        if (request.ContentLength is 0 || HttpMethods.IsGet(request.Method)) return default;
        using var buffer = new MemoryStream((int)Math.Min(request.ContentLength ?? 256, 64 * 1024));
        await request.Body.CopyToAsync(buffer, request.HttpContext.RequestAborted);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
