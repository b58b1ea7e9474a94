namespace PaymentSim.Core.JobStorage;

/// <summary>The statements that sets, hashes and lists have in common.</summary>
internal static class JobCollections
{
    public static IReadOnlyList<string> Kinds { get; } = ["set", "hash", "list"];

    public static string Delete(string kind) => kind switch
    {
        "set" => "DELETE FROM job_sets WHERE key = ?1",
        "hash" => "DELETE FROM job_hashes WHERE key = ?1",
        _ => "DELETE FROM job_lists WHERE key = ?1",
    };

    public static string Expire(string kind) => kind switch
    {
        "set" => ExpireIn("job_sets"),
        "hash" => ExpireIn("job_hashes"),
        _ => ExpireIn("job_lists"),
    };

    public static string PersistIfEmpty(string kind) => kind switch
    {
        "set" => PersistIfEmptyIn("job_sets"),
        "hash" => PersistIfEmptyIn("job_hashes"),
        _ => PersistIfEmptyIn("job_lists"),
    };

    private static string ExpireIn(string table) =>
        $"""
        INSERT INTO job_expirations (kind, key, expire_at) SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM {table} WHERE key = ?2)
        ON CONFLICT (kind, key) DO UPDATE SET expire_at = excluded.expire_at
        """;

    private static string PersistIfEmptyIn(string table) =>
        $"DELETE FROM job_expirations WHERE kind = ?1 AND key = ?2 AND NOT EXISTS (SELECT 1 FROM {table} WHERE key = ?2)";
}

/// <summary>Hangfire's ranges name the first and the last place, both inclusive, and may begin before or end after what is there.</summary>
internal static class JobRange
{
    public static (long Offset, long Count) Of(int first, int last)
    {
        var offset = Math.Max(first, 0);
        return (offset, Math.Max((long)last - offset + 1, 0));
    }
}
