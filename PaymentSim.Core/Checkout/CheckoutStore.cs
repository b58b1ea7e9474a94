using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Checkout;

/// <summary>The checkout sessions' SQL.</summary>
internal sealed class CheckoutStore(Database database)
{
    static CheckoutStore() => TypeHandlers.AddJson<CheckoutDetails>();

    /// <summary>Stores a new one, or one's new state.</summary>
    public Task SaveAsync(CheckoutSession session) => database.ExecuteAsync(
        """
        INSERT INTO checkout_sessions (id, merchant_id, status, amount, currency, customer, payment_intent, details, metadata, expires_at, created_at)
        VALUES (@Id, @MerchantId, @Status, @Amount, @Currency, @Customer, @PaymentIntent, @Details, @Metadata, @ExpiresAt, @CreatedAt)
        ON CONFLICT (merchant_id, id) DO UPDATE SET status = @Status, customer = @Customer, payment_intent = @PaymentIntent,
            details = @Details, metadata = @Metadata
        """,
        new
        {
            session.Id,
            session.MerchantId,
            Status = session.Status.Wire(),
            session.Amount,
            session.Currency,
            session.Customer,
            session.PaymentIntent,
            session.Details,
            session.Metadata,
            session.ExpiresAt,
            session.CreatedAt,
        });

    public Task<CheckoutSession?> FindAsync(string merchantId, string id) => database.FirstOrDefaultAsync<CheckoutSession>(
        "SELECT * FROM checkout_sessions WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    /// <summary>Those of these sessions that there are.</summary>
    public Task<IReadOnlyList<CheckoutSession>> ListAsync(string merchantId, IEnumerable<string> ids) => database.QueryAsync<CheckoutSession>(
        $"SELECT * FROM checkout_sessions WHERE merchant_id = @merchantId AND {database.AnyOf("id", "@ids")}", new { merchantId, ids = ids.ToArray() });

    /// <exception cref="ProblemException">This merchant has no such session.</exception>
    public async Task<CheckoutSession> GetAsync(string merchantId, string id) => await FindAsync(merchantId, id) ?? throw NoSuch(id);

    /// <summary>
    /// Inside a write unit: one at a time pays or ends a session, since its payment intent, which is locked before the session, is found in the session.
    /// </summary>
    public Task LockAsync(string id) => database.LockAsync("checkout", id);

    /// <summary>Inside a write unit that is going to change it. Its payment intent, where it has one, is locked before.</summary>
    /// <exception cref="ProblemException">This merchant has no such session.</exception>
    public async Task<CheckoutSession> GetToChangeAsync(string merchantId, string id) => await database.FirstOrDefaultAsync<CheckoutSession>(
        $"SELECT * FROM checkout_sessions WHERE merchant_id = @merchantId AND id = @id {database.ForUpdate}", new { merchantId, id }) ?? throw NoSuch(id);

    /// <summary>Open ones whose time is over, oldest first.</summary>
    public Task<IReadOnlyList<CheckoutSession>> ListOverdueAsync(DateTimeOffset now, string afterId, int limit) => database.QueryAsync<CheckoutSession>(
        "SELECT * FROM checkout_sessions WHERE status = 'open' AND expires_at <= @now AND id > @afterId ORDER BY id LIMIT @limit",
        new { now, afterId, limit });

    /// <summary>The earliest time after this one at which one is due; null: never.</summary>
    public Task<DateTimeOffset?> NextDueAsync(DateTimeOffset after) => database.FirstTimeAsync(
        "SELECT MIN(expires_at) FROM checkout_sessions WHERE expires_at > @after AND status = 'open'", new { after });

    public Task<Page<CheckoutSession>> ListAsync(string merchantId, ListCheckoutSessions query)
    {
        var filters = new List<string>(Paging.Created(query.Created));
        if (query.Customer is not null) filters.Add("customer = @Customer");
        if (query.PaymentIntent is not null) filters.Add("payment_intent = @PaymentIntent");
        if (query.Status is not null) filters.Add("status = @Status");
        return database.PageAsync<CheckoutSession>(
            ("checkout_sessions", "checkout session"),
            query,
            merchantId,
            filters,
            new
            {
                query.Customer,
                query.PaymentIntent,
                query.Status,
                CreatedFrom = query.Created?.FromMilliseconds,
                CreatedTo = query.Created?.ToMilliseconds,
            },
            session => session.Id);
    }

    private static ProblemException NoSuch(string id) => new(Problem.Missing("checkout.session", id, "session"));
}
