using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Disputes;

/// <summary>The disputes' SQL.</summary>
internal sealed class DisputeStore(Database database)
{
    static DisputeStore() => TypeHandlers.AddJson<DisputeDetails>();

    /// <summary>Stores a new one, or one's new state.</summary>
    public Task SaveAsync(Dispute dispute) => database.SendAsync(
        """
        INSERT INTO disputes (id, merchant_id, charge, payment_intent, amount, currency, reason, status, metadata, details, settles_at, created_at)
        VALUES (@Id, @MerchantId, @Charge, @PaymentIntent, @Amount, @Currency, @Reason, @Status, @Metadata, @Details, @SettlesAt, @CreatedAt)
        ON CONFLICT (merchant_id, id) DO UPDATE SET status = @Status, metadata = @Metadata, details = @Details, settles_at = @SettlesAt
        """,
        new
        {
            dispute.Id,
            dispute.MerchantId,
            dispute.Charge,
            dispute.PaymentIntent,
            dispute.Amount,
            dispute.Currency,
            dispute.Reason,
            Status = dispute.Status.Wire(),
            dispute.Metadata,
            dispute.Details,
            dispute.SettlesAt,
            dispute.CreatedAt,
        });

    public async Task<Dispute?> FindAsync(string merchantId, string id) => (await database.FirstOrDefaultAsync<Row>(
        "SELECT * FROM disputes WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id }))?.ToDispute();

    /// <summary>Those of these disputes that there are.</summary>
    public async Task<IEnumerable<Dispute>> ListAsync(string merchantId, IEnumerable<string> ids) => (await database.QueryAsync<Row>(
            $"SELECT * FROM disputes WHERE merchant_id = @merchantId AND {database.AnyOf("id", "@ids")}", new { merchantId, ids = ids.ToArray() }))
        .Select(row => row.ToDispute());

    /// <exception cref="ProblemException">This merchant has no such dispute.</exception>
    public async Task<Dispute> GetAsync(string merchantId, string id) => await FindAsync(merchantId, id) ?? throw NoSuch(id);

    /// <summary>Inside a write unit that is going to change it. Its charge is locked first.</summary>
    /// <exception cref="ProblemException">This merchant has no such dispute.</exception>
    public async Task<Dispute> GetToChangeAsync(string merchantId, string id) => (await database.FirstOrDefaultAsync<Row>(
            $"SELECT * FROM disputes WHERE merchant_id = @merchantId AND id = @id {database.ForUpdate}", new { merchantId, id }))?.ToDispute()
        ?? throw NoSuch(id);

    public async Task<Page<Dispute>> ListAsync(string merchantId, ListDisputes query)
    {
        var filters = new List<string>(Paging.Created(query.Created));
        if (query.Charge is not null) filters.Add("charge = @Charge");
        if (query.PaymentIntent is not null) filters.Add("payment_intent = @PaymentIntent");
        var page = await database.PageAsync<Row>(
            ("disputes", "dispute"),
            query,
            merchantId,
            filters,
            new { query.Charge, query.PaymentIntent, CreatedFrom = query.Created?.FromMilliseconds, CreatedTo = query.Created?.ToMilliseconds },
            row => row.Id);
        return page.Select(row => row.ToDispute());
    }

    /// <summary>Disputes to which something is due that happens by itself, oldest first.</summary>
    public async Task<IReadOnlyList<Dispute>> ListDueAsync(DateTimeOffset now, string afterId, int limit) => [.. (await database.QueryAsync<Row>(
        "SELECT * FROM disputes WHERE settles_at <= @now AND id > @afterId ORDER BY id LIMIT @limit", new { now, afterId, limit })).Select(row => row.ToDispute())];

    /// <summary>The earliest time after this one at which one is due; null: never.</summary>
    public Task<DateTimeOffset?> NextDueAsync(DateTimeOffset after) => database.FirstTimeAsync(
        "SELECT MIN(settles_at) FROM disputes WHERE settles_at > @after", new { after });

    private static ProblemException NoSuch(string id) => new(Problem.Missing("dispute", id));

    /// <summary>As it is stored: Dapper reads no enum whose wire name has an underscore.</summary>
    private sealed record Row
    {
        public required string Id { get; init; }

        public required string MerchantId { get; init; }

        public required string Charge { get; init; }

        public string? PaymentIntent { get; init; }

        public long Amount { get; init; }

        public required string Currency { get; init; }

        public required string Reason { get; init; }

        public required string Status { get; init; }

        public required IReadOnlyDictionary<string, string> Metadata { get; init; }

        public required DisputeDetails Details { get; init; }

        public DateTimeOffset? SettlesAt { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public Dispute ToDispute() => new()
        {
            Id = Id,
            MerchantId = MerchantId,
            Charge = Charge,
            PaymentIntent = PaymentIntent,
            Amount = Amount,
            Currency = Currency,
            Reason = Reason,
            Status = CoreJson.FromWire<DisputeStatus>(Status),
            Metadata = Metadata,
            Details = Details,
            SettlesAt = SettlesAt,
            CreatedAt = CreatedAt,
        };
    }
}
