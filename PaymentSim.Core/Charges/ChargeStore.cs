using PaymentSim.Core.Search;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Charges;

/// <summary>The charges' SQL.</summary>
internal sealed class ChargeStore(Database database)
{
    static ChargeStore() => TypeHandlers.AddJson(ChargeJson.Default.ChargeDetails.SerializeHandler);

    public Task InsertAsync(Charge charge) => database.SendAsync(
        """
        INSERT INTO charges (id, merchant_id, amount, currency, status, captured, amount_captured, amount_refunded, balance_transaction, customer,
            payment_intent, transfer_group, description, metadata, details, settles_at, created_at)
        VALUES (@Id, @MerchantId, @Amount, @Currency, @Status, @Captured, @AmountCaptured, @AmountRefunded, @BalanceTransaction, @Customer,
            @PaymentIntent, @TransferGroup, @Description, @Metadata, @Details, @SettlesAt, @CreatedAt)
        """,
        Row(charge));

    /// <summary>Stores a charge's new state.</summary>
    public Task UpdateAsync(Charge charge) => database.SendAsync(
        """
        UPDATE charges SET status = @Status, captured = @Captured, amount_captured = @AmountCaptured, amount_refunded = @AmountRefunded,
            balance_transaction = @BalanceTransaction, customer = @Customer, transfer_group = @TransferGroup, description = @Description, metadata = @Metadata,
            details = @Details, settles_at = @SettlesAt
        WHERE merchant_id = @MerchantId AND id = @Id
        """,
        Row(charge));

    public Task<Charge?> FindAsync(string merchantId, string id) => database.FirstOrDefaultAsync<Charge>(
        "SELECT * FROM charges WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    /// <summary>Those of these charges that there are.</summary>
    public Task<IReadOnlyList<Charge>> ListAsync(string merchantId, IEnumerable<string> ids) => database.QueryAsync<Charge>(
        $"SELECT * FROM charges WHERE merchant_id = @merchantId AND {database.AnyOf("id", "@ids")}", new { merchantId, ids = ids.ToArray() });

    /// <summary>Inside a write unit that is going to change it.</summary>
    public Task<Charge?> FindToChangeAsync(string merchantId, string id) => database.FirstOrDefaultAsync<Charge>(
        $"SELECT * FROM charges WHERE merchant_id = @merchantId AND id = @id {database.ForUpdate}", new { merchantId, id });

    /// <summary>The charge of a payment intent that was paid, or else its last one; inside a write unit that is going to change it.</summary>
    public Task<Charge?> FindPaidToChangeAsync(string merchantId, string paymentIntent) => database.FirstOrDefaultAsync<Charge>(
        $"""
        SELECT * FROM charges WHERE merchant_id = @merchantId AND payment_intent = @paymentIntent
        ORDER BY CASE status WHEN 'succeeded' THEN 0 ELSE 1 END, id DESC LIMIT 1 {database.ForUpdate}
        """,
        new { merchantId, paymentIntent });

    /// <summary><see cref="FindToChangeAsync"/> of a charge that must be there.</summary>
    /// <exception cref="ProblemException">This merchant has no such charge.</exception>
    public async Task<Charge> GetToChangeAsync(string merchantId, string id) =>
        await FindToChangeAsync(merchantId, id) ?? throw new ProblemException(Problem.Missing("charge", id));

    /// <exception cref="ProblemException">This merchant has no such charge.</exception>
    public async Task<Charge> GetAsync(string merchantId, string id) =>
        await FindAsync(merchantId, id) ?? throw new ProblemException(Problem.Missing("charge", id));

    public Task<Page<Charge>> ListAsync(string merchantId, ListCharges query)
    {
        var filters = new List<string>(Paging.Created(query.Created));
        if (query.Customer is not null) filters.Add("customer = @Customer");
        if (query.PaymentIntent is not null) filters.Add("payment_intent = @PaymentIntent");
        if (query.TransferGroup is not null) filters.Add("transfer_group = @TransferGroup");
        return database.PageAsync<Charge>(
            ("charges", "charge"),
            query,
            merchantId,
            filters,
            new
            {
                query.Customer,
                query.PaymentIntent,
                query.TransferGroup,
                CreatedFrom = query.Created?.FromMilliseconds,
                CreatedTo = query.Created?.ToMilliseconds,
            },
            charge => charge.Id);
    }

    public Task<SearchPage<Charge>> SearchAsync(string merchantId, SearchRequest search) => database.SearchAsync<Charge>(
        ("charges", "charges"),
        search,
        merchantId,
        [
            new("amount", SearchKind.Number, "amount"),
            new("billing_details.address.postal_code", SearchKind.Token, database.JsonText("details", "card", "address", "postal_code")),
            SearchField.Created,
            new("currency", SearchKind.Token, "currency"),
            new("customer", SearchKind.Token, "customer"),
            new("disputed", SearchKind.Boolean, $"(COALESCE({database.JsonText("details", "disputed")}, 'false') IN ('true', '1'))"),
            new("payment_method_details.card.brand", SearchKind.Token, database.JsonText("details", "card", "brand")),
            new("payment_method_details.card.exp_month", SearchKind.Number, $"CAST({database.JsonText("details", "card", "exp_month")} AS BIGINT)"),
            new("payment_method_details.card.exp_year", SearchKind.Number, $"CAST({database.JsonText("details", "card", "exp_year")} AS BIGINT)"),
            new("payment_method_details.card.fingerprint", SearchKind.Token, database.JsonText("details", "card", "fingerprint")),
            new("payment_method_details.card.last4", SearchKind.Token, database.JsonText("details", "card", "last4")),
            new("refunded", SearchKind.Boolean, "(amount_refunded > 0 AND amount_refunded = amount)"),
            new("status", SearchKind.Token, "status"),
        ],
        "1 = 1",
        charge => charge.Id);

    /// <summary>Charges to which something is due that happens by itself, oldest first.</summary>
    public Task<IReadOnlyList<Charge>> ListDueAsync(DateTimeOffset now, string afterId, int limit) => database.QueryAsync<Charge>(
        "SELECT * FROM charges WHERE settles_at <= @now AND id > @afterId ORDER BY id LIMIT @limit",
        new { now, afterId, limit });

    /// <summary>The earliest time after this one at which one is due; null: never.</summary>
    public Task<DateTimeOffset?> NextDueAsync(DateTimeOffset after) => database.FirstTimeAsync(
        "SELECT MIN(settles_at) FROM charges WHERE settles_at > @after", new { after });

    /// <summary>Counts one more use of a source of several outcomes, and says how often it was used before.</summary>
    public async Task<long> CountUseAsync(string merchantId, string sequence) => (await database.FirstOrDefaultAsync<long>(
        """
        INSERT INTO source_sequences (merchant_id, sequence, uses) VALUES (@merchantId, @sequence, 1)
        ON CONFLICT (merchant_id, sequence) DO UPDATE SET uses = source_sequences.uses + 1
        RETURNING uses
        """,
        new { merchantId, sequence })) - 1;

    private static object Row(Charge charge) => new
    {
        charge.Id,
        charge.MerchantId,
        charge.Amount,
        charge.Currency,
        Status = charge.Status.Wire(),
        charge.Captured,
        charge.AmountCaptured,
        charge.AmountRefunded,
        charge.BalanceTransaction,
        charge.Customer,
        charge.PaymentIntent,
        charge.TransferGroup,
        charge.Description,
        charge.Metadata,
        charge.Details,
        charge.SettlesAt,
        charge.CreatedAt,
    };
}
