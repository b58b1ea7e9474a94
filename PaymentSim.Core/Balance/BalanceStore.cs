using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Balance;

/// <summary>
/// The balance transactions' SQL. Their rows are in balance_transactions, but for those of charges that were captured as they were made: each of these
/// charges is its own transaction, <c>txn_x</c> of <c>ch_x</c>, read from its row. So a charge has one transaction whatever happens.
/// </summary>
internal sealed class BalanceStore(Database database)
{
    private const string ChargePrefix = "ch";
    private const string Prefix = "txn";

    private const string Columns = "id, merchant_id, type, amount, fee, currency, description, source, available_at, created_at";

    private static readonly string OfCharges =
        $"""
        SELECT '{Prefix}' || substr(id, {ChargePrefix.Length + 1}) AS id, merchant_id, 'charge' AS type, amount_captured AS amount, {Fees.SqlOfCharge} AS fee, currency,
            description, id AS source, created_at + {(long)Ledger.PendingFor.TotalMilliseconds} AS available_at, created_at
        FROM charges WHERE merchant_id = @merchantId AND captured AND balance_transaction IS NULL
        """;

    private const string OfOthers = $"SELECT {Columns} FROM balance_transactions WHERE merchant_id = @merchantId";

    /// <summary>The transaction of a charge that is its own.</summary>
    public static string IdOf(string chargeId) => Prefix + chargeId[ChargePrefix.Length..];

    public Task InsertAsync(BalanceTransaction transaction) => database.SendAsync(
        $"""
        INSERT INTO balance_transactions ({Columns})
        VALUES (@Id, @MerchantId, @Type, @Amount, @Fee, @Currency, @Description, @Source, @AvailableAt, @CreatedAt)
        """,
        new
        {
            transaction.Id,
            transaction.MerchantId,
            Type = transaction.Type.Wire(),
            transaction.Amount,
            transaction.Fee,
            transaction.Currency,
            transaction.Description,
            transaction.Source,
            transaction.AvailableAt,
            transaction.CreatedAt,
        });

    public async Task<BalanceTransaction?> FindAsync(string merchantId, string id) => (await database.FirstOrDefaultAsync<Row>(
        $"{OfCharges} AND id = @charge UNION ALL {OfOthers} AND id = @id", new { merchantId, id, charge = ChargeOf(id) }))?.ToTransaction();

    /// <summary>Those of these transactions that there are.</summary>
    public async Task<IEnumerable<BalanceTransaction>> ListAsync(string merchantId, IReadOnlyList<string> ids) => (await database.QueryAsync<Row>(
        $"{OfCharges} AND {database.AnyOf("id", "@charges")} UNION ALL {OfOthers} AND {database.AnyOf("id", "@ids")}",
        new { merchantId, ids = ids.ToArray(), charges = ids.Select(ChargeOf).ToArray() })).Select(row => row.ToTransaction());

    /// <exception cref="ProblemException">This merchant has no such transaction.</exception>
    public async Task<BalanceTransaction> GetAsync(string merchantId, string id) =>
        await FindAsync(merchantId, id) ?? throw new ProblemException(Problem.Missing("balance transaction", id));

    public async Task<Page<BalanceTransaction>> ListAsync(string merchantId, ListBalanceTransactions query)
    {
        var cursor = query.StartingAfter ?? query.EndingBefore;
        var backwards = query.EndingBefore is not null;
        if (cursor is not null && await FindAsync(merchantId, cursor) is null)
            throw new ProblemException(Problem.Missing("balance transaction", cursor, backwards ? "ending_before" : "starting_after") with { Kind = ProblemKind.InvalidRequest });

        var (filters, order) = (Filters(query), backwards ? "ASC" : "DESC");
        // Each side reads its key's own order, no more than a page.
        var rows = await database.QueryAsync<Row>(
            $"""
            SELECT * FROM (
                SELECT * FROM ({OfCharges} {Before("@charge")}) AS c WHERE {filters} ORDER BY source {order} LIMIT @limit) AS of_charges
            UNION ALL
            SELECT * FROM (
                SELECT * FROM ({OfOthers} {Before("@cursor")}) AS t WHERE {filters} ORDER BY id {order} LIMIT @limit) AS of_others
            ORDER BY id {order} LIMIT @limit
            """,
            new
            {
                merchantId,
                cursor,
                charge = cursor is null ? null : ChargeOf(cursor),
                query.Currency,
                query.Type,
                Source = query.Source ?? query.Payout,
                CreatedFrom = query.Created?.FromMilliseconds,
                CreatedTo = query.Created?.ToMilliseconds,
                limit = query.Size + 1,
            });
        var data = rows.Take(query.Size).Select(row => row.ToTransaction());
        return new Page<BalanceTransaction>([.. backwards ? data.Reverse() : data], rows.Count > query.Size);

        string Before(string parameter) => cursor is null ? "" : $"AND id {(backwards ? ">" : "<")} {parameter}";
    }

    /// <summary>The sums of all transactions, one for each currency that there were any of.</summary>
    public Task<IReadOnlyList<CurrencyBalance>> SumAsync(string merchantId, DateTimeOffset now)
    {
        // Each side is summed for itself: a row of both together is not built for every charge.
        return database.QueryAsync<CurrencyBalance>(
            $"""
            SELECT currency, CAST(SUM(available) AS BIGINT) AS available, CAST(SUM(pending) AS BIGINT) AS pending
            FROM ({SumsOf(OfCharges)} UNION ALL {SumsOf(OfOthers)}) AS sums
            GROUP BY currency ORDER BY currency
            """,
            new { merchantId, now });

        static string SumsOf(string transactions) =>
            $"""
            SELECT currency, SUM(CASE WHEN available_at <= @now THEN amount - fee ELSE 0 END) AS available,
                SUM(CASE WHEN available_at <= @now THEN 0 ELSE amount - fee END) AS pending
            FROM ({transactions}) AS t GROUP BY currency
            """;
    }

    private static string Filters(ListBalanceTransactions query)
    {
        var filters = new List<string>(Paging.Created(query.Created)) { "1 = 1" };
        if (query.Currency is not null) filters.Add("currency = @Currency");
        if (query.Type is not null) filters.Add("type = @Type");
        if (query.Source is not null || query.Payout is not null) filters.Add("source = @Source");
        return string.Join(" AND ", filters);
    }

    private static string ChargeOf(string id) => id.StartsWith(Prefix, StringComparison.Ordinal) ? ChargePrefix + id[Prefix.Length..] : "";

    private sealed record Row
    {
        public required string Id { get; init; }

        public required string MerchantId { get; init; }

        public required string Type { get; init; }

        public long Amount { get; init; }

        public long Fee { get; init; }

        public required string Currency { get; init; }

        public string? Description { get; init; }

        public required string Source { get; init; }

        public DateTimeOffset AvailableAt { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public BalanceTransaction ToTransaction() => new()
        {
            Id = Id,
            MerchantId = MerchantId,
            Type = CoreJson.FromWire<BalanceTransactionType>(Type),
            Amount = Amount,
            Fee = Fee,
            Currency = Currency,
            Description = Description,
            Source = Source,
            AvailableAt = AvailableAt,
            CreatedAt = CreatedAt,
        };
    }
}

/// <summary>A merchant's money in one currency, in minor units.</summary>
internal sealed record CurrencyBalance
{
    public required string Currency { get; init; }

    public long Available { get; init; }

    public long Pending { get; init; }
}
