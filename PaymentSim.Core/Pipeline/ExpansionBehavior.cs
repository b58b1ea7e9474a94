using MediatR;
using PaymentSim.Core.Expansion;

namespace PaymentSim.Core.Pipeline;

/// <summary>
/// Innermost: an answer whose fields are to be expanded is left in the context as JSON, beside the result. A command's is made inside its transaction, so that
/// it shows what the command did, and an idempotency key can answer it again.
/// </summary>
internal sealed class ExpansionBehavior<TRequest, TResponse>(RequestContext context, Expander expander) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IExpands
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next) =>
        request.Expand is { Count: > 0 } paths ? ExpandAsync(paths, next) : next();

    private async Task<TResponse> ExpandAsync(IReadOnlyList<string> paths, RequestHandlerDelegate<TResponse> next)
    {
        var result = await next();
        if (ExpandedAnswer.In(result) is { } answer)
            context.Expanded = await expander.ExpandAsync(context.MerchantId, answer, ExpandedAnswer.TypeIn(typeof(TResponse)), ExpandPaths.Of(paths));
        return result;
    }
}

/// <summary>What of a result is the wire's object.</summary>
internal static class ExpandedAnswer
{
    public static object? In(object? result) => result is IHoldsObject holder ? holder.Held : result;

    public static Type TypeIn(Type response) => response.GetInterfaces()
        .FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IHoldsObject<>))?.GetGenericArguments()[0] ?? response;
}
