using PaymentSim.Core.Storage.Sqlite;

namespace PaymentSim.Core.JobStorage;

/// <summary>Counters, sets, lists and hashes.</summary>
internal sealed partial class SqliteJobTransaction
{
    private const string Set = "set";
    private const string Hash = "hash";
    private const string List = "list";

    public override void IncrementCounter(string key) => AddToCounter(key, 1, null);

    public override void IncrementCounter(string key, TimeSpan expireIn) => AddToCounter(key, 1, expireIn);

    public override void DecrementCounter(string key) => AddToCounter(key, -1, null);

    public override void DecrementCounter(string key, TimeSpan expireIn) => AddToCounter(key, -1, expireIn);

    public override void AddToSet(string key, string value) => AddToSet(key, value, 0);

    public override void AddToSet(string key, string value, double score)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        _others.Add(connection => connection
            .Prepare("INSERT INTO job_sets (key, value, score) VALUES (?1, ?2, ?3) ON CONFLICT (key, value) DO UPDATE SET score = excluded.score")
            .Bind(key).Bind(value).Bind(score).Execute());
    }

    public override void AddRangeToSet(string key, IList<string> items)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(items);
        if (items.Contains(null!)) throw new ArgumentException("A set holds no null.", nameof(items));
        foreach (var item in items) AddToSet(key, item);
    }

    public override void RemoveFromSet(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        _others.Add(connection =>
        {
            connection.Prepare("DELETE FROM job_sets WHERE key = ?1 AND value = ?2").Bind(key).Bind(value).Execute();
            PersistIfEmpty(connection, Set, key);
        });
    }

    public override void RemoveSet(string key) => Remove(Set, key);

    public override void InsertToList(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        _others.Add(connection => connection
            .Prepare("INSERT INTO job_lists (key, position, value) SELECT ?1, COALESCE(MAX(position), 0) + 1, ?2 FROM job_lists WHERE key = ?1")
            .Bind(key).Bind(value).Execute());
    }

    public override void RemoveFromList(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        _others.Add(connection =>
        {
            connection.Prepare("DELETE FROM job_lists WHERE key = ?1 AND value = ?2").Bind(key).Bind(value).Execute();
            PersistIfEmpty(connection, List, key);
        });
    }

    public override void TrimList(string key, int keepStartingFrom, int keepEndingAt)
    {
        ArgumentNullException.ThrowIfNull(key);
        var (offset, count) = JobRange.Of(keepStartingFrom, keepEndingAt);
        _others.Add(connection =>
        {
            connection
                .Prepare(
                    """
                    DELETE FROM job_lists WHERE key = ?1 AND position NOT IN
                        (SELECT position FROM job_lists WHERE key = ?1 ORDER BY position DESC LIMIT ?2 OFFSET ?3)
                    """)
                .Bind(key).Bind(count).Bind(offset).Execute();
            PersistIfEmpty(connection, List, key);
        });
    }

    public override void SetRangeInHash(string key, IEnumerable<KeyValuePair<string, string>> keyValuePairs)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(keyValuePairs);
        foreach (var (field, value) in keyValuePairs.ToList())
        {
            _others.Add(connection => connection
                .Prepare("INSERT INTO job_hashes (key, field, value) VALUES (?1, ?2, ?3) ON CONFLICT (key, field) DO UPDATE SET value = excluded.value")
                .Bind(key).Bind(field).Bind(value).Execute());
        }
    }

    public override void RemoveHash(string key) => Remove(Hash, key);

    public override void ExpireSet(string key, TimeSpan expireIn) => Expire(Set, key, expireIn);

    public override void ExpireList(string key, TimeSpan expireIn) => Expire(List, key, expireIn);

    public override void ExpireHash(string key, TimeSpan expireIn) => Expire(Hash, key, expireIn);

    public override void PersistSet(string key) => Persist(Set, key);

    public override void PersistList(string key) => Persist(List, key);

    public override void PersistHash(string key) => Persist(Hash, key);

    private void AddToCounter(string key, long change, TimeSpan? expireIn)
    {
        ArgumentNullException.ThrowIfNull(key);
        long? expireAt = expireIn is { } wait ? store.Clock.After(wait) : null;
        _others.Add(connection => connection
            .Prepare(
                """
                INSERT INTO job_counters (key, value, expire_at) VALUES (?1, ?2, ?3)
                ON CONFLICT (key) DO UPDATE SET value = value + excluded.value, expire_at = COALESCE(excluded.expire_at, expire_at)
                """)
            .Bind(key).Bind(change).Bind(expireAt).Execute());
    }

    private void Remove(string kind, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _others.Add(connection =>
        {
            connection.Prepare(JobCollections.Delete(kind)).Bind(key).Execute();
            PersistIfEmpty(connection, kind, key);
        });
    }

    /// <summary>What is not there does not expire: made later, it must not inherit the time.</summary>
    private void Expire(string kind, string key, TimeSpan expireIn)
    {
        ArgumentNullException.ThrowIfNull(key);
        var expireAt = store.Clock.After(expireIn);
        _others.Add(connection => connection.Prepare(JobCollections.Expire(kind)).Bind(kind).Bind(key).Bind(expireAt).Execute());
    }

    private void Persist(string kind, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _others.Add(connection => connection.Prepare("DELETE FROM job_expirations WHERE kind = ?1 AND key = ?2").Bind(kind).Bind(key).Execute());
    }

    private static void PersistIfEmpty(PreparedConnection connection, string kind, string key) =>
        connection.Prepare(JobCollections.PersistIfEmpty(kind)).Bind(kind).Bind(key).Execute();
}
