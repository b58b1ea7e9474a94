using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Balance;

/// <summary>The movements of the merchant's money, newest first.</summary>
public sealed record ListBalanceTransactions : PageRequest, IQuery<Page<BalanceTransactionObject>>
{
    public TimeRange? Created { get; init; }

    public string? Currency { get; init; }

    /// <summary>A payout's id: its own movements.</summary>
    public string? Payout { get; init; }

    /// <summary>The id of what moved the money.</summary>
    public string? Source { get; init; }

    /// <summary>One of <see cref="BalanceTransactionType"/>.</summary>
    public string? Type { get; init; }
}

internal sealed class ListBalanceTransactionsValidator : PageRequestValidator<ListBalanceTransactions>;

internal sealed class ListBalanceTransactionsHandler(RequestContext context, BalanceStore transactions, TimeProvider clock)
    : IRequestHandler<ListBalanceTransactions, Page<BalanceTransactionObject>>
{
    public async Task<Page<BalanceTransactionObject>> Handle(ListBalanceTransactions request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return (await transactions.ListAsync(context.MerchantId, request)).Select(transaction => BalanceTransactionObject.Of(transaction, now));
    }
}
