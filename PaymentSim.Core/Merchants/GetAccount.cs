using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Merchants;

/// <summary>One connected account of the merchant.</summary>
public sealed record GetAccount(string Id) : IQuery<AccountObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetAccountHandler(RequestContext context, AccountStore accounts) : IRequestHandler<GetAccount, AccountObject>
{
    public async Task<AccountObject> Handle(GetAccount request, CancellationToken cancellationToken) =>
        AccountObject.Of(await accounts.FindAsync(context.MerchantId, request.Id) ?? throw AccountStore.NoAccess(request.Id));
}
