using PaymentSim.Core.Search;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>The payment intents' SQL.</summary>
internal sealed class PaymentIntentStore(Database database)
{
    static PaymentIntentStore() => TypeHandlers.AddJson<PaymentIntentDetails>();

    /// <summary>Stores a new one, or one's new state.</summary>
    public Task SaveAsync(PaymentIntent intent) => database.ExecuteAsync(
        """
        INSERT INTO payment_intents (id, merchant_id, amount, currency, status, customer, payment_method, latest_charge, details, metadata, created_at)
        VALUES (@Id, @MerchantId, @Amount, @Currency, @Status, @Customer, @PaymentMethod, @LatestCharge, @Details, @Metadata, @CreatedAt)
        ON CONFLICT (merchant_id, id) DO UPDATE SET amount = @Amount, currency = @Currency, status = @Status, customer = @Customer,
            payment_method = @PaymentMethod, latest_charge = @LatestCharge, details = @Details, metadata = @Metadata
        """,
        new
        {
            intent.Id,
            intent.MerchantId,
            intent.Amount,
            intent.Currency,
            Status = intent.Status.Wire(),
            intent.Customer,
            intent.PaymentMethod,
            intent.LatestCharge,
            intent.Details,
            intent.Metadata,
            intent.CreatedAt,
        });

    /// <exception cref="ProblemException">This merchant has no such intent.</exception>
    public Task<PaymentIntent> GetAsync(string merchantId, string id) => GetAsync(merchantId, id, lockIt: "");

    /// <summary>Inside a write unit that is going to change it, or its charge.</summary>
    /// <exception cref="ProblemException">This merchant has no such intent.</exception>
    public Task<PaymentIntent> GetToChangeAsync(string merchantId, string id) => GetAsync(merchantId, id, database.ForUpdate);

    public async Task<Page<PaymentIntent>> ListAsync(string merchantId, ListPaymentIntents query)
    {
        var filters = new List<string>(Paging.Created(query.Created));
        if (query.Customer is not null) filters.Add("customer = @Customer");
        var page = await database.PageAsync<Row>(
            ("payment_intents", "payment_intent"),
            query,
            merchantId,
            filters,
            new { query.Customer, CreatedFrom = query.Created?.FromMilliseconds, CreatedTo = query.Created?.ToMilliseconds },
            row => row.Id);
        return page.Select(row => row.Intent);
    }

    public async Task<SearchPage<PaymentIntent>> SearchAsync(string merchantId, SearchRequest search) => (await database.SearchAsync<Row>(
        ("payment_intents", "payment_intents"),
        search,
        merchantId,
        [
            new("amount", SearchKind.Number, "amount"),
            SearchField.Created,
            new("currency", SearchKind.Token, "currency"),
            new("customer", SearchKind.Token, "customer"),
            new("status", SearchKind.Token, "status"),
        ],
        "1 = 1",
        row => row.Id)).Select(row => row.Intent);

    /// <summary>Those of these intents that there are.</summary>
    public async Task<IReadOnlyList<PaymentIntent>> ListAsync(string merchantId, IEnumerable<string> ids) =>
        [
            .. (await database.QueryAsync<Row>(
                $"SELECT * FROM payment_intents WHERE merchant_id = @merchantId AND {database.AnyOf("id", "@ids")}", new { merchantId, ids = ids.ToArray() }))
                .Select(row => row.Intent),
        ];

    private async Task<PaymentIntent> GetAsync(string merchantId, string id, string lockIt) =>
        (await database.FirstOrDefaultAsync<Row>($"SELECT * FROM payment_intents WHERE merchant_id = @merchantId AND id = @id {lockIt}", new { merchantId, id }))?.Intent
        ?? throw new ProblemException(Problem.Missing("payment_intent", id, "intent"));

    /// <summary>As it stands in the table: a status of several words is no enum's name.</summary>
    private sealed record Row
    {
        public required string Id { get; init; }

        public required string MerchantId { get; init; }

        public required long Amount { get; init; }

        public required string Currency { get; init; }

        public required string Status { get; init; }

        public string? Customer { get; init; }

        public string? PaymentMethod { get; init; }

        public string? LatestCharge { get; init; }

        public required PaymentIntentDetails Details { get; init; }

        public required IReadOnlyDictionary<string, string> Metadata { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public PaymentIntent Intent => new()
        {
            Id = Id,
            MerchantId = MerchantId,
            Amount = Amount,
            Currency = Currency,
            Status = CoreJson.FromWire<PaymentIntentStatus>(Status),
            Customer = Customer,
            PaymentMethod = PaymentMethod,
            LatestCharge = LatestCharge,
            Details = Details,
            Metadata = Metadata,
            CreatedAt = CreatedAt,
        };
    }
}
