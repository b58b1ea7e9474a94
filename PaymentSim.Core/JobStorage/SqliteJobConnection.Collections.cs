namespace PaymentSim.Core.JobStorage;

/// <summary>Counters, sets, lists and hashes.</summary>
internal sealed partial class SqliteJobConnection
{
    /// <summary>What Hangfire takes for "does not expire".</summary>
    private static readonly TimeSpan NoTtl = TimeSpan.FromSeconds(-1);

    public override HashSet<string> GetAllItemsFromSet(string key) =>
        new(Texts("SELECT value FROM job_sets WHERE key = ?1 ORDER BY score, value", key), StringComparer.Ordinal);

    public override string? GetFirstByLowestScoreFromSet(string key, double fromScore, double toScore) =>
        GetFirstByLowestScoreFromSet(key, fromScore, toScore, 1).FirstOrDefault();

    public override List<string> GetFirstByLowestScoreFromSet(string key, double fromScore, double toScore, int count)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (toScore < fromScore) throw new ArgumentException("The highest score is below the lowest.", nameof(toScore));
        if (count <= 0) throw new ArgumentException("Ask for one at least.", nameof(count));
        // Only the servers' schedulers ask for this, to change the jobs that are due.
        _serverStops = store.ServerStops;
        return store.Read(connection => connection
            .Prepare("SELECT value FROM job_sets WHERE key = ?1 AND score BETWEEN ?2 AND ?3 ORDER BY score, value LIMIT ?4")
            .Bind(key).Bind(fromScore).Bind(toScore).Bind(count).Query(row => row.Text(0)));
    }

    public override long GetSetCount(string key) => Number("SELECT COUNT(*) FROM job_sets WHERE key = ?1", key);

    public override long GetSetCount(IEnumerable<string> keys, int limit)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var count = 0L;
        foreach (var key in keys)
        {
            if (count >= limit) break;
            var left = limit - count;
            count += store.Read(connection => connection
                .Prepare("SELECT COUNT(*) FROM (SELECT 1 FROM job_sets WHERE key = ?1 LIMIT ?2)").Bind(key).Bind(left).First(row => row.Int64(0)));
        }

        return count;
    }

    public override bool GetSetContains(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        return store.Read(connection => connection
            .Prepare("SELECT 1 FROM job_sets WHERE key = ?1 AND value = ?2").Bind(key).Bind(value).First(row => row.Int64(0))) == 1;
    }

    public override List<string> GetRangeFromSet(string key, int startingFrom, int endingAt) =>
        Range("SELECT value FROM job_sets WHERE key = ?1 ORDER BY score, value LIMIT ?2 OFFSET ?3", key, startingFrom, endingAt);

    public override TimeSpan GetSetTtl(string key) => Ttl("set", key);

    public override void SetRangeInHash(string key, IEnumerable<KeyValuePair<string, string>> keyValuePairs)
    {
        using var transaction = new SqliteJobTransaction(store, _locks, _serverStops);
        transaction.SetRangeInHash(key, keyValuePairs);
        transaction.Commit();
    }

    public override Dictionary<string, string?>? GetAllEntriesFromHash(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var fields = store.Read(connection => connection
            .Prepare("SELECT field, value FROM job_hashes WHERE key = ?1").Bind(key)
            .Query(row => KeyValuePair.Create(row.Text(0), row.TextOrNull(1))));
        return fields.Count == 0 ? null : new Dictionary<string, string?>(fields, StringComparer.Ordinal);
    }

    public override string? GetValueFromHash(string key, string name)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(name);
        return store.Read(connection => connection
            .Prepare("SELECT value FROM job_hashes WHERE key = ?1 AND field = ?2").Bind(key).Bind(name).First(row => row.TextOrNull(0)));
    }

    public override long GetHashCount(string key) => Number("SELECT COUNT(*) FROM job_hashes WHERE key = ?1", key);

    public override TimeSpan GetHashTtl(string key) => Ttl("hash", key);

    public override long GetListCount(string key) => Number("SELECT COUNT(*) FROM job_lists WHERE key = ?1", key);

    public override List<string> GetAllItemsFromList(string key) => Texts("SELECT value FROM job_lists WHERE key = ?1 ORDER BY position DESC", key);

    public override List<string> GetRangeFromList(string key, int startingFrom, int endingAt) =>
        Range("SELECT value FROM job_lists WHERE key = ?1 ORDER BY position DESC LIMIT ?2 OFFSET ?3", key, startingFrom, endingAt);

    public override TimeSpan GetListTtl(string key) => Ttl("list", key);

    public override long GetCounter(string key) => Number("SELECT value FROM job_counters WHERE key = ?1", key);

    private List<string> Texts(string sql, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return store.Read(connection => connection.Prepare(sql).Bind(key).Query(row => row.Text(0)));
    }

    private long Number(string sql, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return store.Read(connection => connection.Prepare(sql).Bind(key).First(row => row.Int64(0)));
    }

    private List<string> Range(string sql, string key, int first, int last)
    {
        ArgumentNullException.ThrowIfNull(key);
        var (offset, count) = JobRange.Of(first, last);
        return store.Read(connection => connection.Prepare(sql).Bind(key).Bind(count).Bind(offset).Query(row => row.Text(0)));
    }

    private TimeSpan Ttl(string kind, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var expireAt = store.Read(connection => connection
            .Prepare("SELECT expire_at FROM job_expirations WHERE kind = ?1 AND key = ?2").Bind(kind).Bind(key).First(row => row.Int64OrNull(0)));
        return expireAt is { } time ? TimeSpan.FromMilliseconds(Math.Max(time - store.Clock.Now(), 0)) : NoTtl;
    }
}
