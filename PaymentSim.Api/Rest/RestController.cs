using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MediatR;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Search;

namespace PaymentSim.Api.Rest;

/// <summary>What the REST controllers share: sending, and the wire's shape of lists and declines.</summary>
[Produces("application/json")]
[ParametersOnly]
[SecretKeyOnly]
[ApiExplorerSettings(IgnoreApi = false)]
public abstract class RestController(IMediator mediator) : ControllerBase
{
    /// <summary>Sends a request and answers its result as it is, or with its fields expanded.</summary>
    protected async Task<ActionResult<T>> Send<T>(IRequest<T> request)
    {
        var result = await mediator.Send(request, HttpContext.RequestAborted);
        return Answer(result);
    }

    /// <summary>Sends a query for a page and answers it as a list object.</summary>
    protected async Task<ActionResult<ListObject<T>>> SendList<T>(IRequest<Page<T>> request)
    {
        var page = await mediator.Send(request, HttpContext.RequestAborted);
        return Expanded is { } expanded
            ? new ObjectResult(new ListObject<JsonNode?>("list", Request.Path, page.HasMore, [.. expanded["data"]!.AsArray()]))
            : ListObject<T>.Of(page, Request.Path);
    }

    /// <summary>Sends a search and answers what it finds as a search result.</summary>
    protected async Task<ActionResult<SearchResult<T>>> SendSearch<T>(IRequest<SearchPage<T>> request)
    {
        var page = await mediator.Send(request, HttpContext.RequestAborted);
        return Expanded is { } expanded
            ? new ObjectResult(new SearchResult<JsonNode?>(page.HasMore, [.. expanded["data"]!.AsArray()], page.NextPage, Request.Path) { TotalCount = page.TotalCount })
            : new SearchResult<T>(page.HasMore, page.Data, page.NextPage, Request.Path) { TotalCount = page.TotalCount };
    }

    /// <summary>Sends an attempt to charge; a decline is answered as the error that it is on the wire.</summary>
    protected async Task<ActionResult<ChargeObject>> SendAttempt(IRequest<ChargeAttempt> request)
    {
        var attempt = await mediator.Send(request, HttpContext.RequestAborted);
        return AnswerAttempt(attempt.Charge, attempt.Declined);
    }

    /// <summary>Sends a request whose answer is an attempt, of which <see cref="AnswerAttempt{T}"/> makes the wire's.</summary>
    protected Task<T> SendRaw<T>(IRequest<T> request) => mediator.Send(request, HttpContext.RequestAborted);

    /// <summary>What an attempt made, or the error that its decline is on the wire.</summary>
    protected ActionResult<T> AnswerAttempt<T>(T? made, Problem? declined)
    {
        return declined is not null ? ErrorResponse.ToResult(declined) : Answer(made!);
    }

    private ActionResult<T> Answer<T>(T result)
    {
        if (Expanded is { } expanded) return new ObjectResult(expanded);
        return result is WireObject known ? new WireObjectResult(known) : result;
    }

    private JsonObject? Expanded => HttpContext.RequestServices.GetRequiredService<RequestContext>().Expanded;
}

/// <summary>A page of a list as the wire shows it.</summary>
public sealed record ListObject<T>(string Object, string Url, bool HasMore, IReadOnlyList<T> Data)
{
    internal static ListObject<T> Of(Page<T> page, string url) => new("list", url, page.HasMore, page.Data);
}

/// <summary>A page of what a search found as the wire shows it.</summary>
public sealed record SearchResult<T>(bool HasMore, IReadOnlyList<T> Data, string? NextPage, string Url)
{
    public string Object { get; init; } = "search_result";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? TotalCount { get; init; }
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
