namespace PaymentSim.Core.Storage.Sqlite;

internal sealed partial class SqliteDatabase
{
    /// <summary>Pages that are given back in one write unit: others wait for no more than that, about 2 ms.</summary>
    private const int PagesAtOnce = 50;

    /// <summary>Bounds one round, which writes about twice as much as it gives back.</summary>
    private const int StepsPerRound = 40;

    /// <summary>This part of the file may stay free, and this many pages of a small one: else a busy file would shrink and grow all the time.</summary>
    private const int SlackDivisor = 20;
    private const int LeastSlack = 256;

    /// <summary>
    /// Moves pages from the file's end into free ones, and cuts the end off. Deleting alone does not do that: SQLite keeps free pages for later,
    /// and the file stays as large as it ever was.
    /// </summary>
    internal override async Task<long> GiveSpaceBackAsync(CancellationToken cancellationToken)
    {
        var pages = 0;
        // Most of the time there is nothing to do: to find that out, nobody need be held up.
        for (var step = 0; step < StepsPerRound && ReadOnly(connection => HasMuchFree((PreparedConnection)connection)); step++)
            pages += await WriteAsync(() => Task.FromResult(GiveBack((PreparedConnection)Current!.Connection)), cancellationToken);
        if (pages == 0) return 0;

        // What was written stands in the log; the file shrinks when that is copied.
        await WriteAsync(
            () =>
            {
                _writer.CopySoon();
                return Task.CompletedTask;
            },
            cancellationToken);
        return pages * ReadOnly(connection => Number((PreparedConnection)connection, "PRAGMA page_size"));
    }

    private static int GiveBack(PreparedConnection connection)
    {
        if (!HasMuchFree(connection)) return 0;
        var before = Number(connection, "PRAGMA page_count");
        connection.Prepare($"PRAGMA incremental_vacuum({PagesAtOnce})").Execute();
        return (int)(before - Number(connection, "PRAGMA page_count"));
    }

    private static bool HasMuchFree(PreparedConnection connection) =>
        Number(connection, "PRAGMA freelist_count") >= Math.Max(LeastSlack, Number(connection, "PRAGMA page_count") / SlackDivisor) + PagesAtOnce;

    private static long Number(PreparedConnection connection, string pragma) => connection.Prepare(pragma).First(row => row.Int64(0));
}
