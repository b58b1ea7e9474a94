using PaymentSim.Core.Search;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Customers;

/// <summary>The customers' SQL.</summary>
internal sealed class CustomerStore(Database database)
{
    static CustomerStore() => TypeHandlers.AddJson<CustomerDetails>();

    /// <summary>Stores a new one, or one's new state.</summary>
    public Task SaveAsync(Customer customer) => database.ExecuteAsync(
        """
        INSERT INTO customers (id, merchant_id, email, details, metadata, deleted, created_at)
        VALUES (@Id, @MerchantId, @Email, @Details, @Metadata, @Deleted, @CreatedAt)
        ON CONFLICT (merchant_id, id) DO UPDATE SET email = @Email, details = @Details, metadata = @Metadata, deleted = @Deleted
        """,
        new { customer.Id, customer.MerchantId, customer.Email, customer.Details, customer.Metadata, customer.Deleted, customer.CreatedAt });

    /// <summary>Deleted ones are found, too.</summary>
    public Task<Customer?> FindAsync(string merchantId, string id) => database.FirstOrDefaultAsync<Customer>(
        "SELECT * FROM customers WHERE merchant_id = @merchantId AND id = @id", new { merchantId, id });

    /// <summary>Those of these customers that there are, deleted ones, too.</summary>
    public Task<IReadOnlyList<Customer>> ListAsync(string merchantId, IEnumerable<string> ids) => database.QueryAsync<Customer>(
        $"SELECT * FROM customers WHERE merchant_id = @merchantId AND {database.AnyOf("id", "@ids")}", new { merchantId, ids = ids.ToArray() });

    /// <summary>Inside a write unit that is going to change it, or what it has.</summary>
    /// <param name="param">The parameter that named it.</param>
    /// <exception cref="ProblemException">This merchant has no such customer, or has deleted it.</exception>
    public async Task<Customer> GetToChangeAsync(string merchantId, string id, string param = "id")
    {
        var found = await database.FirstOrDefaultAsync<Customer>(
            $"SELECT * FROM customers WHERE merchant_id = @merchantId AND id = @id {database.ForUpdate}", new { merchantId, id });
        return found is { Deleted: false } ? found : throw NoSuch(id, param);
    }

    /// <exception cref="ProblemException">This merchant has no such customer, or has deleted it.</exception>
    public async Task<Customer> GetAsync(string merchantId, string id, string param = "id") =>
        await FindAsync(merchantId, id) is { Deleted: false } found ? found : throw NoSuch(id, param);

    public Task<Page<Customer>> ListAsync(string merchantId, ListCustomers query)
    {
        var filters = new List<string>(Paging.Created(query.Created)) { "NOT deleted" };
        if (query.Email is not null) filters.Add("email = @Email");
        return database.PageAsync<Customer>(
            ("customers", "customer"),
            query,
            merchantId,
            filters,
            new { query.Email, CreatedFrom = query.Created?.FromMilliseconds, CreatedTo = query.Created?.ToMilliseconds },
            customer => customer.Id);
    }

    public Task<SearchPage<Customer>> SearchAsync(string merchantId, SearchRequest search) => database.SearchAsync<Customer>(
        ("customers", "customers"),
        search,
        merchantId,
        [
            SearchField.Created,
            new("email", SearchKind.Text, "email"),
            new("name", SearchKind.Text, database.JsonText("details", "name")),
            new("phone", SearchKind.Text, database.JsonText("details", "phone")),
        ],
        "NOT deleted",
        customer => customer.Id);

    private static ProblemException NoSuch(string id, string param) => new(
        Problem.Missing("customer", id, param) with { Kind = param == "id" ? ProblemKind.NotFound : ProblemKind.InvalidRequest });
}
