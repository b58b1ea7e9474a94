using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Tokens;

/// <summary>One token of the merchant.</summary>
public sealed record GetToken(string Id) : IQuery<TokenObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetTokenHandler(RequestContext context, TokenStore tokens) : IRequestHandler<GetToken, TokenObject>
{
    public async Task<TokenObject> Handle(GetToken request, CancellationToken cancellationToken) =>
        TokenObject.Of(await tokens.FindAsync(context.MerchantId, request.Id) ?? throw new ProblemException(Problem.Missing("token", request.Id)));
}
