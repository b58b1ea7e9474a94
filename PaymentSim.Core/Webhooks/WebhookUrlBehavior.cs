using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Webhooks;

/// <summary>A command that says where webhooks are to go.</summary>
internal interface INamesUrl
{
    /// <summary>Null: it stays.</summary>
    string? Url { get; }
}

/// <summary>
/// Refuses URLs that lead to where webhooks must not go: after the rules, which know that it is a URL, and before the transaction, in which no name
/// is looked up.
/// </summary>
internal sealed class WebhookUrlBehavior<TRequest, TResponse>(NetworkPolicy network) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : ICommand<TResponse>, INamesUrl
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        if (request.Url is { } url && await network.WhyNotAsync(url, cancellationToken) is { } reason)
        {
            throw new ProblemException(Problem.Invalid(
                $"Invalid URL: it leads to {reason}, and webhooks go to public ones alone (unless Webhooks:AllowedHosts names the host).",
                "url",
                ProblemCode.UrlInvalid));
        }

        return await next();
    }
}
