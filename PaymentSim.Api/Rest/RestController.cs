using MediatR;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using PaymentSim.Core;
using PaymentSim.Core.Charges;

namespace PaymentSim.Api.Rest;

/// <summary>What the REST controllers share: sending, and the wire's shape of lists and declines.</summary>
[Produces("application/json")]
[ParametersOnly]
[SecretKeyOnly]
[ApiExplorerSettings(IgnoreApi = false)]
public abstract class RestController(IMediator mediator) : ControllerBase
{
    /// <summary>Sends a request and answers its result as it is.</summary>
    protected async Task<ActionResult<T>> Send<T>(IRequest<T> request) => await mediator.Send(request, HttpContext.RequestAborted);

    /// <summary>Sends a query for a page and answers it as a list object.</summary>
    protected async Task<ActionResult<ListObject<T>>> SendList<T>(IRequest<Page<T>> request) =>
        ListObject<T>.Of(await mediator.Send(request, HttpContext.RequestAborted), Request.Path);

    /// <summary>Sends an attempt to charge; a decline is answered as the error that it is on the wire.</summary>
    protected async Task<ActionResult<ChargeObject>> SendAttempt(IRequest<ChargeAttempt> request)
    {
        var attempt = await mediator.Send(request, HttpContext.RequestAborted);
        return attempt.Declined is { } declined ? ErrorResponse.ToResult(declined) : attempt.Charge!;
    }
}

/// <summary>A page of a list as the wire shows it.</summary>
public sealed record ListObject<T>(string Object, string Url, bool HasMore, IReadOnlyList<T> Data)
{
    internal static ListObject<T> Of(Page<T> page, string url) => new("list", url, page.HasMore, page.Data);
}

/// <summary>Keeps the framework from reading forms itself: <see cref="ParameterModelBinder"/> reads every request's body.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ParametersOnlyAttribute : Attribute, IResourceFilter
{
    public void OnResourceExecuting(ResourceExecutingContext context) => context.ValueProviderFactories.Clear();

    public void OnResourceExecuted(ResourceExecutedContext context)
    {
        // Nothing was opened.
    }
}
