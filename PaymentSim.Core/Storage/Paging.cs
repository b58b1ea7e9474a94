using Dapper;

namespace PaymentSim.Core.Storage;

/// <summary>Cursor paging over ids, which sort by age: no page repeats or skips an object, whatever is created meanwhile.</summary>
internal static class Paging
{
    /// <param name="database">Where to read.</param>
    /// <param name="source">What is listed: its table, and its name in error messages.</param>
    /// <param name="page">Which page.</param>
    /// <param name="merchantId">Whose objects.</param>
    /// <param name="filters">SQL conditions over the parameters in <paramref name="args"/>.</param>
    /// <param name="args">An object with the filters' parameters.</param>
    /// <param name="id">Reads what rows sort by: their ids.</param>
    /// <param name="age">Makes of the SQL of an id that of what sorts by age; null: the ids do, as those of one kind of objects.</param>
    /// <exception cref="ProblemException">The cursor names no object of this merchant.</exception>
    public static async Task<Page<TRow>> PageAsync<TRow>(
        this Database database,
        (string Table, string Noun) source,
        PageRequest page,
        string merchantId,
        IEnumerable<string> filters,
        object args,
        Func<TRow, string> id,
        Func<string, string>? age = null)
    {
        var cursor = page.StartingAfter ?? page.EndingBefore;
        if (cursor is not null)
        {
            var known = await database.FirstOrDefaultAsync<string>(
                $"SELECT id FROM {source.Table} WHERE merchant_id = @merchantId AND id = @cursor", new { merchantId, cursor });
            if (known is null)
            {
                var param = page.StartingAfter is not null ? "starting_after" : "ending_before";
                throw new ProblemException(Problem.Missing(source.Noun, cursor, param) with { Kind = ProblemKind.InvalidRequest });
            }
        }

        var backwards = page.EndingBefore is not null;
        var (key, from) = age is null ? ("id", "@cursor") : (age("id"), age("@cursor"));
        var where = string.Join(
            " AND ",
            filters.Prepend("merchant_id = @merchantId").Append(cursor is null ? "1 = 1" : $"{key} {(backwards ? ">" : "<")} {from}"));
        var parameters = new DynamicParameters(args);
        parameters.AddDynamicParams(new { merchantId, cursor, limit = page.Size + 1 });
        var rows = await database.QueryAsync<TRow>(
            $"SELECT * FROM {source.Table} WHERE {where} ORDER BY {key} {(backwards ? "ASC" : "DESC")} LIMIT @limit", parameters);

        var hasMore = rows.Count > page.Size;
        var data = rows.Take(page.Size);
        return new Page<TRow>([.. backwards ? data.OrderByDescending(id, StringComparer.Ordinal) : data], hasMore);
    }

    /// <summary>The conditions of a <c>created</c> filter, over the parameters <c>@CreatedFrom</c> and <c>@CreatedTo</c>.</summary>
    public static IEnumerable<string> Created(TimeRange? range) =>
        range is null ? [] : ["created_at >= @CreatedFrom", "created_at < @CreatedTo"];
}
