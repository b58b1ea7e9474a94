using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Balance;

/// <summary>The merchant's money: the sums of its balance transactions.</summary>
public sealed record GetBalance : IQuery<BalanceObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetBalanceHandler(RequestContext context, BalanceStore transactions, TimeProvider clock) : IRequestHandler<GetBalance, BalanceObject>
{
    public async Task<BalanceObject> Handle(GetBalance request, CancellationToken cancellationToken) =>
        BalanceObject.Of(await transactions.SumAsync(context.MerchantId, clock.GetUtcNow()));
}
