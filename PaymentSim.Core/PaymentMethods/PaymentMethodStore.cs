using PaymentSim.Core.Storage;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>The payment methods' SQL.</summary>
internal sealed class PaymentMethodStore(Database database)
{
    private const string IsCard = "id LIKE 'card!_%' ESCAPE '!'";
    private const string IsAccount = "id LIKE 'ba!_%' ESCAPE '!'";
    private const string IsSource = $"({IsCard} OR {IsAccount})";

    /// <summary>Cards' and accounts' ids sort by age without their prefixes, which would keep the kinds apart.</summary>
    private static string Age(string id) => $"substr({id}, CASE WHEN {id} LIKE 'card!_%' ESCAPE '!' THEN 6 ELSE 4 END)";

    static PaymentMethodStore() => TypeHandlers.AddJson<SavedMethod>();

    /// <summary>Stores a new one, or one's new state.</summary>
    public Task SaveAsync(PaymentMethod method) => database.ExecuteAsync(
        """
        INSERT INTO payment_methods (id, merchant_id, type, customer, details, metadata, created_at)
        VALUES (@Id, @MerchantId, @Type, @Customer, @Details, @Metadata, @CreatedAt)
        ON CONFLICT (merchant_id, id) DO UPDATE SET customer = @Customer, details = @Details, metadata = @Metadata
        """,
        new { method.Id, method.MerchantId, method.Details.Type, method.Customer, method.Details, method.Metadata, method.CreatedAt });

    public Task DeleteAsync(string merchantId, string id) => database.ExecuteAsync(
        "DELETE FROM payment_methods WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    public Task<PaymentMethod?> FindAsync(string merchantId, string id) => database.FirstOrDefaultAsync<PaymentMethod>(
        "SELECT * FROM payment_methods WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    /// <summary>Those of these payment methods and sources that there are.</summary>
    public Task<IReadOnlyList<PaymentMethod>> ListAsync(string merchantId, IEnumerable<string> ids) => database.QueryAsync<PaymentMethod>(
        $"SELECT * FROM payment_methods WHERE merchant_id = @merchantId AND {database.AnyOf("id", "@ids")}", new { merchantId, ids = ids.ToArray() });

    /// <summary>Inside a write unit that is going to change it.</summary>
    public Task<PaymentMethod?> FindToChangeAsync(string merchantId, string id) => database.FirstOrDefaultAsync<PaymentMethod>(
        $"SELECT * FROM payment_methods WHERE merchant_id = @merchantId AND id = @id {database.ForUpdate}", new { merchantId, id });

    /// <summary>The customer's, oldest first: inside a write unit that is going to change them.</summary>
    public Task<IReadOnlyList<PaymentMethod>> ListToChangeAsync(string merchantId, string customer) => database.QueryAsync<PaymentMethod>(
        $"SELECT * FROM payment_methods WHERE merchant_id = @merchantId AND customer = @customer ORDER BY id {database.ForUpdate}", new { merchantId, customer });

    /// <summary>A page of them.</summary>
    /// <param name="customer">Only this customer's; null: everybody's.</param>
    /// <param name="type">Only those of this type; null: all.</param>
    public Task<Page<PaymentMethod>> ListAsync(string merchantId, PageRequest page, string? customer, string? type)
    {
        var filters = new List<string>();
        if (customer is not null) filters.Add("customer = @customer");
        if (type is not null) filters.Add("type = @type");
        return database.PageAsync<PaymentMethod>(
            ("payment_methods", "payment_method"), page, merchantId, filters, new { customer, type }, method => method.Id);
    }

    /// <summary>A page of what a customer has saved as sources.</summary>
    /// <param name="kind">Only <c>card</c> or <c>bank_account</c>; null: both.</param>
    public Task<Page<PaymentMethod>> ListSourcesAsync(string merchantId, PageRequest page, string customer, string? kind) => database.PageAsync<PaymentMethod>(
        ("payment_methods", "source"),
        page,
        merchantId,
        ["customer = @customer", kind switch { null => IsSource, "card" => IsCard, _ => IsAccount }],
        new { customer },
        method => PaymentMethodIntake.AgeOf(method.Id),
        Age);

    /// <summary>The newest sources of each of these customers, newest first.</summary>
    /// <param name="each">How many of each at most.</param>
    public Task<IReadOnlyList<PaymentMethod>> ListSourcesAsync(string merchantId, IEnumerable<string> customers, int each) => database.QueryAsync<PaymentMethod>(
        $"""
        SELECT * FROM (
            SELECT m.*, ROW_NUMBER() OVER (PARTITION BY customer ORDER BY {Age("id")} DESC) AS place FROM payment_methods m
            WHERE merchant_id = @merchantId AND {database.AnyOf("customer", "@customers")} AND {IsSource}) AS ranked
        WHERE place <= @each ORDER BY {Age("id")} DESC
        """,
        new { merchantId, customers = customers.ToArray(), each });
}
