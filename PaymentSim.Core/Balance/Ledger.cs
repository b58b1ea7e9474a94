using PaymentSim.Core.Charges;

namespace PaymentSim.Core.Balance;

/// <summary>A movement of money that is to be written down.</summary>
/// <param name="Amount">Minor units; negative where money leaves.</param>
/// <param name="Source">The object that moves it.</param>
internal sealed record Movement(string MerchantId, BalanceTransactionType Type, long Amount, string Currency, string Source)
{
    /// <summary>Minor units.</summary>
    public long Fee { get; init; }

    public string? Description { get; init; }

    /// <summary>From when on it counts as available; null: at once.</summary>
    public DateTimeOffset? AvailableAt { get; init; }
}

/// <summary>
/// Writes down each movement of money once, in the write unit that moves it. A charge that is captured as it is made needs no row: its own row is its
/// transaction (<see cref="BalanceStore"/>), so that the two cannot differ, and making a charge costs nothing more.
/// </summary>
internal sealed class Ledger(BalanceStore transactions, CardReader cards, Ids ids, TimeProvider clock)
{
    /// <summary>From a payment's capture until its money is available.</summary>
    public static readonly TimeSpan PendingFor = TimeSpan.FromDays(2);

    /// <summary>Writes it down. Answers the transaction.</summary>
    public async Task<BalanceTransaction> RecordAsync(Movement movement)
    {
        var now = clock.GetUtcNow();
        var transaction = new BalanceTransaction
        {
            Id = ids.New("txn"),
            MerchantId = movement.MerchantId,
            Type = movement.Type,
            Amount = movement.Amount,
            Fee = movement.Fee,
            Currency = movement.Currency,
            Description = movement.Description,
            Source = movement.Source,
            AvailableAt = movement.AvailableAt is { } later && later > now ? later : now,
            CreatedAt = now,
        };
        await transactions.InsertAsync(transaction);
        return transaction;
    }

    /// <summary>
    /// Writes down the money of a charge that was captured after it was made, or whose card's money is available at once. Answers the charge with its
    /// transaction; the caller stores it.
    /// </summary>
    public async Task<Charge> CreditAsync(Charge captured)
    {
        var transaction = await RecordAsync(new Movement(
            captured.MerchantId,
            captured.Details.Card is null ? BalanceTransactionType.Payment : BalanceTransactionType.Charge,
            captured.AmountCaptured,
            captured.Currency,
            captured.Id)
        {
            Fee = Fees.OfPayment(captured.AmountCaptured),
            Description = captured.Description,
            AvailableAt = captured.Details.Card is { } card && cards.CardOf(card).FundsAtOnce ? null : clock.GetUtcNow() + PendingFor,
        });
        return captured with { BalanceTransaction = transaction.Id };
    }

    /// <summary>From when on a captured charge's money is available.</summary>
    public async Task<DateTimeOffset> AvailabilityAsync(Charge captured) => captured.BalanceTransaction is { } id
        ? (await transactions.GetAsync(captured.MerchantId, id)).AvailableAt
        : captured.CreatedAt + PendingFor;
}
