using Microsoft.AspNetCore.Mvc.Formatters;
using PaymentSim.Core;

namespace PaymentSim.Api.Rest;

/// <summary>Answers an object by the text that its event was recorded with, which is there already; all others are the framework's formatter's.</summary>
internal sealed class WireObjectFormatter : OutputFormatter
{
    private const string Json = "application/json";

    public WireObjectFormatter() => SupportedMediaTypes.Add(Json);

    public override void WriteResponseHeaders(OutputFormatterWriteContext context) => context.HttpContext.Response.ContentType = Json + "; charset=utf-8";

    public override async Task WriteResponseBodyAsync(OutputFormatterWriteContext context)
    {
        var (json, http) = (((WireObject)context.Object!).ToJson(), context.HttpContext);
        http.Response.ContentLength = json.Length;
        await http.Response.BodyWriter.WriteAsync(json, http.RequestAborted);
    }

    protected override bool CanWriteType(Type? type) => type?.IsSubclassOf(typeof(WireObject)) == true;
}
