using Dapper;
using Npgsql;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Storage;

/// <summary>Both engines end with the same schema; only the embedded jobs have tables of their own on SQLite.</summary>
public sealed class SchemaTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PostgresFact]
    public void Tables_columns_types_and_keys_are_the_same()
    {
        Databases.Open(_folder).Dispose();
        using var sqlite = Databases.OpenRaw(_folder);
        using var postgres = new NpgsqlConnection(_folder.Postgres);

        // table.column type nullable place-in-the-primary-key
        var ours = sqlite.Query<string>(
            """
            SELECT t.name || '.' || c.name || ' ' || lower(c.type) || ' ' || (CASE WHEN c."notnull" = 1 OR c.pk > 0 THEN 'required' ELSE 'optional' END) || ' ' || c.pk
            FROM sqlite_schema t JOIN pragma_table_info(t.name) c
            WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND t.name NOT LIKE 'job%'
            """).Order(StringComparer.Ordinal).ToList();
        var theirs = postgres.Query<string>(
            """
            SELECT c.table_name || '.' || c.column_name || ' ' || c.data_type || ' ' || (CASE c.is_nullable WHEN 'NO' THEN 'required' ELSE 'optional' END)
                || ' ' || COALESCE(k.ordinal_position, 0)
            FROM information_schema.columns c
            LEFT JOIN information_schema.table_constraints p
                ON p.table_schema = c.table_schema AND p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY'
            LEFT JOIN information_schema.key_column_usage k
                ON k.table_schema = p.table_schema AND k.constraint_name = p.constraint_name AND k.column_name = c.column_name
            WHERE c.table_schema = 'public'
            """).Order(StringComparer.Ordinal).ToList();

        theirs.ShouldBe(ours);
        ours.ShouldContain("charges.merchant_id text required 1");
        ours.ShouldContain("charges.captured boolean required 0");
    }

    [PostgresFact]
    public void Indexes_are_the_same()
    {
        Databases.Open(_folder).Dispose();
        using var sqlite = Databases.OpenRaw(_folder);
        using var postgres = new NpgsqlConnection(_folder.Postgres);

        // CREATE INDEX name ON table (columns) WHERE condition
        var ours = sqlite.Query<string>("SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name NOT LIKE 'job%'").Select(Plain)
            .Order(StringComparer.Ordinal).ToList();
        var theirs = postgres.Query<string>("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%!_pkey' ESCAPE '!'")
            .Select(sql => Plain(sql.Replace("public.", "").Replace(" USING btree", "").Replace("::text", ""))).Order(StringComparer.Ordinal).ToList();

        theirs.ShouldBe(ours);
        ours.Count.ShouldBeGreaterThan(3);

        // One engine writes brackets around each part of a condition.
        static string Plain(string sql) => sql.IndexOf(" WHERE ", StringComparison.Ordinal) is >= 0 and var at
            ? sql[..at] + sql[at..].Replace("(", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal)
            : sql;
    }
}
