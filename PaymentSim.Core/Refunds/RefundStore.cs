using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Refunds;

/// <summary>The refunds' SQL.</summary>
internal sealed class RefundStore(Database database)
{
    static RefundStore() => TypeHandlers.AddJson<RefundDetails>();

    /// <summary>Stores a new one, or one's new state.</summary>
    public Task SaveAsync(Refund refund) => database.SendAsync(
        """
        INSERT INTO refunds (id, merchant_id, charge, payment_intent, amount, currency, status, metadata, details, settles_at, created_at)
        VALUES (@Id, @MerchantId, @Charge, @PaymentIntent, @Amount, @Currency, @Status, @Metadata, @Details, @SettlesAt, @CreatedAt)
        ON CONFLICT (merchant_id, id) DO UPDATE SET status = @Status, metadata = @Metadata, details = @Details, settles_at = @SettlesAt
        """,
        new
        {
            refund.Id,
            refund.MerchantId,
            refund.Charge,
            refund.PaymentIntent,
            refund.Amount,
            refund.Currency,
            Status = refund.Status.Wire(),
            refund.Metadata,
            refund.Details,
            refund.SettlesAt,
            refund.CreatedAt,
        });

    public Task<Refund?> FindAsync(string merchantId, string id) => database.FirstOrDefaultAsync<Refund>(
        "SELECT * FROM refunds WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    /// <summary>Those of these refunds that there are.</summary>
    public Task<IReadOnlyList<Refund>> ListAsync(string merchantId, IEnumerable<string> ids) => database.QueryAsync<Refund>(
        $"SELECT * FROM refunds WHERE merchant_id = @merchantId AND {database.AnyOf("id", "@ids")}", new { merchantId, ids = ids.ToArray() });

    /// <summary>Inside a write unit that is going to change it. Where its charge changes too, that one is locked first.</summary>
    /// <exception cref="ProblemException">This merchant has no such refund.</exception>
    public async Task<Refund> GetToChangeAsync(string merchantId, string id) => await database.FirstOrDefaultAsync<Refund>(
        $"SELECT * FROM refunds WHERE merchant_id = @merchantId AND id = @id {database.ForUpdate}", new { merchantId, id }) ?? throw NoSuch(id);

    /// <exception cref="ProblemException">This merchant has no such refund.</exception>
    public async Task<Refund> GetAsync(string merchantId, string id) => await FindAsync(merchantId, id) ?? throw NoSuch(id);

    public Task<Page<Refund>> ListAsync(string merchantId, PageRequest page, string? charge, string? paymentIntent, TimeRange? created)
    {
        var filters = new List<string>(Paging.Created(created));
        if (charge is not null) filters.Add("charge = @charge");
        if (paymentIntent is not null) filters.Add("payment_intent = @paymentIntent");
        return database.PageAsync<Refund>(
            ("refunds", "refund"),
            page,
            merchantId,
            filters,
            new { charge, paymentIntent, CreatedFrom = created?.FromMilliseconds, CreatedTo = created?.ToMilliseconds },
            refund => refund.Id);
    }

    /// <summary>All refunds of these charges, newest first.</summary>
    public async Task<ILookup<string, Refund>> OfChargesAsync(string merchantId, string[] charges) => (await database.QueryAsync<Refund>(
            $"SELECT * FROM refunds WHERE merchant_id = @merchantId AND {database.AnyOf("charge", "@charges")} ORDER BY id DESC", new { merchantId, charges }))
        .ToLookup(refund => refund.Charge);

    /// <summary>Refunds to which something is due that happens by itself, oldest first.</summary>
    public Task<IReadOnlyList<Refund>> ListDueAsync(DateTimeOffset now, string afterId, int limit) => database.QueryAsync<Refund>(
        "SELECT * FROM refunds WHERE settles_at <= @now AND id > @afterId ORDER BY id LIMIT @limit", new { now, afterId, limit });

    /// <summary>The earliest time after this one at which one is due; null: never.</summary>
    public Task<DateTimeOffset?> NextDueAsync(DateTimeOffset after) => database.FirstTimeAsync(
        "SELECT MIN(settles_at) FROM refunds WHERE settles_at > @after", new { after });

    private static ProblemException NoSuch(string id) => new(Problem.Missing("refund", id));
}
