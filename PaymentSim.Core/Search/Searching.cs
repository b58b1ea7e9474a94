using Dapper;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Search;

/// <summary>Pages of what a query finds, by a cursor that is the last id of the page before.</summary>
internal static class Searching
{
    /// <param name="database">Where to read.</param>
    /// <param name="source">What is searched: its table, and its name in error messages.</param>
    /// <param name="search">For what.</param>
    /// <param name="merchantId">Whose objects.</param>
    /// <param name="fields">By which fields besides metadata.</param>
    /// <param name="filter">A SQL condition that holds in any case.</param>
    /// <param name="id">Reads a row's id.</param>
    /// <exception cref="ProblemException">The query or the page is not one.</exception>
    public static async Task<SearchPage<TRow>> SearchAsync<TRow>(
        this Database database,
        (string Table, string Resource) source,
        SearchRequest search,
        string merchantId,
        IReadOnlyList<SearchField> fields,
        string filter,
        Func<TRow, string> id)
    {
        var conditions = new SearchConditions(database, source.Resource, fields);
        var found = $"FROM {source.Table} WHERE merchant_id = @merchantId AND {filter} AND {conditions.Of(SearchQuery.Parse(search.Query!))}";
        var parameters = new DynamicParameters(conditions.Values);
        parameters.AddDynamicParams(new { merchantId, cursor = await CursorAsync(database, source.Table, merchantId, search.Page), limit = search.Size + 1 });

        var rows = await database.QueryAsync<TRow>(
            $"SELECT * {found} {(search.Page is null ? "" : "AND id < @cursor")} ORDER BY id DESC LIMIT @limit", parameters);
        var hasMore = rows.Count > search.Size;
        IReadOnlyList<TRow> data = [.. rows.Take(search.Size)];
        return new SearchPage<TRow>(data, hasMore, hasMore ? id(data[^1]) : null)
        {
            TotalCount = search.WantsTotal ? await database.FirstOrDefaultAsync<long>($"SELECT COUNT(*) {found}", parameters) : null,
        };
    }

    private static async Task<string?> CursorAsync(Database database, string table, string merchantId, string? page)
    {
        if (page is null) return null;
        return await database.FirstOrDefaultAsync<string>($"SELECT id FROM {table} WHERE merchant_id = @merchantId AND id = @page", new { merchantId, page })
            ?? throw new ProblemException(Problem.Invalid($"Invalid page: {page} is no next_page of a search.", "page"));
    }
}
