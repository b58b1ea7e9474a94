using PaymentSim.Core.Storage;
using PaymentSim.Core.Storage.Sqlite;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Storage;

/// <summary>What was deleted does not keep its space for ever.</summary>
public sealed class FreeSpaceTests : IDisposable
{
    private const int Rows = 2000;
    private const int PageSize = 4096;
    private const int Megabyte = 1024 * 1024;

    private static readonly string Text = new('x', 12_000);

    private readonly TempFolder _folder = new();
    private readonly SqliteDatabase _database;

    public FreeSpaceTests() => _database = Databases.Open(_folder);

    private long FileSize => new FileInfo(new StorageOptions(_folder.Path).DatabaseFile).Length;

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_file_shrinks_when_much_was_deleted_while_writes_go_on()
    {
        await MakeRowsAsync();
        await DeleteAsync("number % 10 <> 0");
        var before = await PagesAsync() * PageSize;
        before.ShouldBeGreaterThan(20 * Megabyte, "deleting alone gives nothing back");

        using var enough = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(() => WriteUntilAsync(writer, enough.Token))).ToList();
        var (given, rounds) = (0L, 0);
        while (await _database.GiveSpaceBackAsync(CancellationToken.None) is > 0 and var bytes) (given, rounds) = (given + bytes, rounds + 1);
        await enough.CancelAsync();
        var written = (await Task.WhenAll(writers)).Sum();

        written.ShouldBeGreaterThan(0);
        rounds.ShouldBeGreaterThan(1, "it is done some at a time");
        given.ShouldBeGreaterThan(before / 2);
        (await _database.FirstOrDefaultAsync<long>("SELECT COUNT(*) FROM things")).ShouldBe(written);
        (await _database.FirstOrDefaultAsync<long>("SELECT COUNT(*) FROM rows WHERE text = number || @Text", new { Text })).ShouldBe(Rows / 10);
        (await _database.FirstOrDefaultAsync<string>("PRAGMA integrity_check")).ShouldBe("ok");

        // The file's end goes when the log has been copied: begun after one commit, that is finished after a later one.
        await Eventually.HoldsAsync(
            async () =>
            {
                await _database.WriteAsync(() => Task.CompletedTask);
                return FileSize;
            },
            size => size < before / 3,
            "the file is smaller");
    }

    [Fact]
    public async Task A_small_part_of_the_file_stays_free_for_what_comes_next()
    {
        await MakeRowsAsync();
        await DeleteAsync("number < 60");
        var (free, size) = (await FreePagesAsync(), await PagesAsync());
        free.ShouldBeGreaterThan(100);

        (await _database.GiveSpaceBackAsync(CancellationToken.None)).ShouldBe(0);
        (await FreePagesAsync(), await PagesAsync()).ShouldBe((free, size));

        await DeleteAsync("1 = 1");
        while (await _database.GiveSpaceBackAsync(CancellationToken.None) > 0)
        {
            // The next round.
        }

        (await FreePagesAsync()).ShouldBeInRange(256, 306);
    }

    [Fact]
    public async Task The_space_of_a_file_that_needs_none_is_not_written()
    {
        var changes = await _database.WriteAsync(() => _database.FirstOrDefaultAsync<long>("SELECT total_changes()"));
        var log = new FileInfo(new StorageOptions(_folder.Path).DatabaseFile + "-wal").Length;

        (await _database.GiveSpaceBackAsync(CancellationToken.None)).ShouldBe(0);

        (await _database.WriteAsync(() => _database.FirstOrDefaultAsync<long>("SELECT total_changes()"))).ShouldBe(changes);
        new FileInfo(new StorageOptions(_folder.Path).DatabaseFile + "-wal").Length.ShouldBe(log);
    }

    private async Task MakeRowsAsync()
    {
        await _database.WriteAsync(() => _database.ExecuteAsync("CREATE TABLE rows (number INTEGER PRIMARY KEY, text TEXT NOT NULL)"));
        await _database.WriteAsync(() => _database.ExecuteAsync("CREATE TABLE things (name TEXT NOT NULL)"));
        await Task.WhenAll(Enumerable.Range(0, Rows).Select(number =>
            _database.WriteAsync(() => _database.ExecuteAsync("INSERT INTO rows VALUES (@number, @number || @Text)", new { number, Text }))));
    }

    private async Task<int> WriteUntilAsync(int writer, CancellationToken enough)
    {
        var written = 0;
        for (; !enough.IsCancellationRequested; written++)
            await _database.WriteAsync(() => _database.ExecuteAsync("INSERT INTO things VALUES (@name)", new { name = $"{writer}-{written}" }));
        return written;
    }

    private Task DeleteAsync(string which) => _database.WriteAsync(() => _database.ExecuteAsync($"DELETE FROM rows WHERE {which}"));

    private Task<long> FreePagesAsync() => _database.FirstOrDefaultAsync<long>("PRAGMA freelist_count");

    private Task<long> PagesAsync() => _database.FirstOrDefaultAsync<long>("PRAGMA page_count");
}
