using PaymentSim.Core.Storage;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>The payment methods' SQL.</summary>
internal sealed class PaymentMethodStore(Database database)
{
    static PaymentMethodStore() => TypeHandlers.AddJson<SavedMethod>();

    /// <summary>Stores a new one, or one's new state.</summary>
    public Task SaveAsync(PaymentMethod method) => database.ExecuteAsync(
        """
        INSERT INTO payment_methods (id, merchant_id, customer, type, details, metadata, created_at)
        VALUES (@Id, @MerchantId, @Customer, @Type, @Details, @Metadata, @CreatedAt)
        ON CONFLICT (merchant_id, id) DO UPDATE SET customer = @Customer, details = @Details, metadata = @Metadata
        """,
        new { method.Id, method.MerchantId, method.Customer, method.Type, method.Details, method.Metadata, method.CreatedAt });

    public Task DeleteAsync(string merchantId, string id) => database.ExecuteAsync(
        "DELETE FROM payment_methods WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    public Task<PaymentMethod?> FindAsync(string merchantId, string id) => database.FirstOrDefaultAsync<PaymentMethod>(
        "SELECT * FROM payment_methods WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    /// <summary>Inside a write unit that is going to change it.</summary>
    public Task<PaymentMethod?> FindToChangeAsync(string merchantId, string id) => database.FirstOrDefaultAsync<PaymentMethod>(
        $"SELECT * FROM payment_methods WHERE merchant_id = @merchantId AND id = @id {database.ForUpdate}", new { merchantId, id });

    /// <summary>The customer's, oldest first: inside a write unit that is going to change them.</summary>
    public Task<IReadOnlyList<PaymentMethod>> ListToChangeAsync(string merchantId, string customer) => database.QueryAsync<PaymentMethod>(
        $"SELECT * FROM payment_methods WHERE merchant_id = @merchantId AND customer = @customer ORDER BY id {database.ForUpdate}", new { merchantId, customer });

    /// <summary>A page of them.</summary>
    /// <param name="customer">Only this customer's; null: everybody's.</param>
    /// <param name="sources">Only the cards that were saved as sources.</param>
    /// <param name="type">Only those of this type; null: of all.</param>
    public Task<Page<PaymentMethod>> ListAsync(string merchantId, PageRequest page, string? customer, bool sources, string? type = null)
    {
        var filters = new List<string>();
        if (customer is not null) filters.Add("customer = @customer");
        if (sources) filters.Add("id LIKE 'card!_%' ESCAPE '!'");
        if (type is not null) filters.Add("type = @type");
        return database.PageAsync<PaymentMethod>(
            ("payment_methods", sources ? "source" : "payment_method"), page, merchantId, filters, new { customer, type }, method => method.Id);
    }
}
