using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Balance;

/// <summary>One movement of the merchant's money.</summary>
public sealed record GetBalanceTransaction(string Id) : IQuery<BalanceTransactionObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetBalanceTransactionHandler(RequestContext context, BalanceStore transactions, TimeProvider clock)
    : IRequestHandler<GetBalanceTransaction, BalanceTransactionObject>
{
    public async Task<BalanceTransactionObject> Handle(GetBalanceTransaction request, CancellationToken cancellationToken) =>
        BalanceTransactionObject.Of(await transactions.GetAsync(context.MerchantId, request.Id), clock.GetUtcNow());
}
