using PaymentSim.Core.Storage;

namespace PaymentSim.Core.SetupIntents;

/// <summary>The setup intents' SQL.</summary>
internal sealed class SetupIntentStore(Database database)
{
    static SetupIntentStore() => TypeHandlers.AddJson<SetupIntentDetails>();

    /// <summary>Stores a new one, or one's new state.</summary>
    public Task SaveAsync(SetupIntent intent) => database.ExecuteAsync(
        """
        INSERT INTO setup_intents (id, merchant_id, status, customer, payment_method, details, metadata, created_at)
        VALUES (@Id, @MerchantId, @Status, @Customer, @PaymentMethod, @Details, @Metadata, @CreatedAt)
        ON CONFLICT (merchant_id, id) DO UPDATE SET status = @Status, customer = @Customer, payment_method = @PaymentMethod,
            details = @Details, metadata = @Metadata
        """,
        new
        {
            intent.Id,
            intent.MerchantId,
            Status = intent.Status.Wire(),
            intent.Customer,
            intent.PaymentMethod,
            intent.Details,
            intent.Metadata,
            intent.CreatedAt,
        });

    /// <exception cref="ProblemException">This merchant has no such intent.</exception>
    public Task<SetupIntent> GetAsync(string merchantId, string id) => GetAsync(merchantId, id, lockIt: "");

    /// <summary>Inside a write unit that is going to change it.</summary>
    /// <exception cref="ProblemException">This merchant has no such intent.</exception>
    public Task<SetupIntent> GetToChangeAsync(string merchantId, string id) => GetAsync(merchantId, id, database.ForUpdate);

    public async Task<Page<SetupIntent>> ListAsync(string merchantId, ListSetupIntents query)
    {
        var filters = new List<string>(Paging.Created(query.Created));
        if (query.Customer is not null) filters.Add("customer = @Customer");
        if (query.PaymentMethod is not null) filters.Add("payment_method = @PaymentMethod");
        var page = await database.PageAsync<Row>(
            ("setup_intents", "setup_intent"),
            query,
            merchantId,
            filters,
            new { query.Customer, query.PaymentMethod, CreatedFrom = query.Created?.FromMilliseconds, CreatedTo = query.Created?.ToMilliseconds },
            row => row.Id);
        return page.Select(row => row.Intent);
    }

    /// <summary>Those of these intents that there are.</summary>
    public async Task<IReadOnlyList<SetupIntent>> ListAsync(string merchantId, IEnumerable<string> ids) =>
        [
            .. (await database.QueryAsync<Row>(
                $"SELECT * FROM setup_intents WHERE merchant_id = @merchantId AND {database.AnyOf("id", "@ids")}", new { merchantId, ids = ids.ToArray() }))
                .Select(row => row.Intent),
        ];

    private async Task<SetupIntent> GetAsync(string merchantId, string id, string lockIt) =>
        (await database.FirstOrDefaultAsync<Row>($"SELECT * FROM setup_intents WHERE merchant_id = @merchantId AND id = @id {lockIt}", new { merchantId, id }))?.Intent
        ?? throw new ProblemException(Problem.Missing("setupintent", id, "intent"));

    /// <summary>As it stands in the table: a status of several words is no enum's name.</summary>
    private sealed record Row
    {
        public required string Id { get; init; }

        public required string MerchantId { get; init; }

        public required string Status { get; init; }

        public string? Customer { get; init; }

        public string? PaymentMethod { get; init; }

        public required SetupIntentDetails Details { get; init; }

        public required IReadOnlyDictionary<string, string> Metadata { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public SetupIntent Intent => new()
        {
            Id = Id,
            MerchantId = MerchantId,
            Status = CoreJson.FromWire<SetupIntentStatus>(Status),
            Customer = Customer,
            PaymentMethod = PaymentMethod,
            Details = Details,
            Metadata = Metadata,
            CreatedAt = CreatedAt,
        };
    }
}
