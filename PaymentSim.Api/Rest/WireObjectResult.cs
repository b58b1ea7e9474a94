using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core;

namespace PaymentSim.Api.Rest;

/// <summary>Answers an object by the text that its event was recorded with, which is there already; all others are the framework's formatter's.</summary>
internal sealed class WireObjectResult(WireObject answer) : ActionResult
{
    public override async Task ExecuteResultAsync(ActionContext context)
    {
        var (json, http) = (answer.ToJson(), context.HttpContext);
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = json.Length;
        await http.Response.BodyWriter.WriteAsync(json, http.RequestAborted);
    }
}
