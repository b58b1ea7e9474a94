using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Payouts;

/// <summary>The payouts' SQL.</summary>
internal sealed class PayoutStore(Database database)
{
    static PayoutStore() => TypeHandlers.AddJson<PayoutDetails>();

    /// <summary>Stores a new one, or one's new state.</summary>
    public Task SaveAsync(Payout payout) => database.SendAsync(
        """
        INSERT INTO payouts (id, merchant_id, amount, currency, status, arrives_at, destination, metadata, details, settles_at, created_at)
        VALUES (@Id, @MerchantId, @Amount, @Currency, @Status, @ArrivesAt, @Destination, @Metadata, @Details, @SettlesAt, @CreatedAt)
        ON CONFLICT (merchant_id, id) DO UPDATE SET status = @Status, metadata = @Metadata, details = @Details, settles_at = @SettlesAt
        """,
        new
        {
            payout.Id,
            payout.MerchantId,
            payout.Amount,
            payout.Currency,
            Status = payout.Status.Wire(),
            payout.ArrivesAt,
            payout.Destination,
            payout.Metadata,
            payout.Details,
            payout.SettlesAt,
            payout.CreatedAt,
        });

    /// <summary>Inside a write unit: two payouts of a merchant never see the same available money.</summary>
    public Task LockBalanceAsync(string merchantId) => database.LockAsync(merchantId, "payouts");

    /// <exception cref="ProblemException">This merchant has no such payout.</exception>
    public async Task<Payout> GetAsync(string merchantId, string id) => await database.FirstOrDefaultAsync<Payout>(
        "SELECT * FROM payouts WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id }) ?? throw NoSuch(id);

    /// <summary>Those of these payouts that there are.</summary>
    public Task<IReadOnlyList<Payout>> ListAsync(string merchantId, IEnumerable<string> ids) => database.QueryAsync<Payout>(
        $"SELECT * FROM payouts WHERE merchant_id = @merchantId AND {database.AnyOf("id", "@ids")}", new { merchantId, ids = ids.ToArray() });

    /// <summary>Inside a write unit that is going to change it.</summary>
    public Task<Payout?> FindToChangeAsync(string merchantId, string id) => database.FirstOrDefaultAsync<Payout>(
        $"SELECT * FROM payouts WHERE merchant_id = @merchantId AND id = @id {database.ForUpdate}", new { merchantId, id });

    /// <summary><see cref="FindToChangeAsync"/> of a payout that must be there.</summary>
    /// <exception cref="ProblemException">This merchant has no such payout.</exception>
    public async Task<Payout> GetToChangeAsync(string merchantId, string id) => await FindToChangeAsync(merchantId, id) ?? throw NoSuch(id);

    public Task<Page<Payout>> ListAsync(string merchantId, ListPayouts query)
    {
        var filters = new List<string>(Paging.Created(query.Created));
        if (query.ArrivalDate is not null) filters.AddRange(["arrives_at >= @ArrivesFrom", "arrives_at < @ArrivesTo"]);
        if (query.Destination is not null) filters.Add("destination = @Destination");
        if (query.Status is not null) filters.Add("status = @Status");
        return database.PageAsync<Payout>(
            ("payouts", "payout"),
            query,
            merchantId,
            filters,
            new
            {
                query.Destination,
                query.Status,
                ArrivesFrom = query.ArrivalDate?.FromMilliseconds,
                ArrivesTo = query.ArrivalDate?.ToMilliseconds,
                CreatedFrom = query.Created?.FromMilliseconds,
                CreatedTo = query.Created?.ToMilliseconds,
            },
            payout => payout.Id);
    }

    /// <summary>Payouts that are due at the bank, oldest first.</summary>
    public Task<IReadOnlyList<Payout>> ListDueAsync(DateTimeOffset now, string afterId, int limit) => database.QueryAsync<Payout>(
        "SELECT * FROM payouts WHERE settles_at <= @now AND id > @afterId ORDER BY id LIMIT @limit", new { now, afterId, limit });

    /// <summary>The earliest time after this one at which one is due; null: never.</summary>
    public Task<DateTimeOffset?> NextDueAsync(DateTimeOffset after) => database.FirstTimeAsync(
        "SELECT MIN(settles_at) FROM payouts WHERE settles_at > @after", new { after });

    private static ProblemException NoSuch(string id) => new(Problem.Missing("payout", id));
}
