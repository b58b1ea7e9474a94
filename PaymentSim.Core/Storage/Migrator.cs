using System.Data.Common;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Dapper;

namespace PaymentSim.Core.Storage;

/// <summary>One step of the schema: a numbered SQL file, in the common subset of the engines or for one engine alone.</summary>
internal sealed partial record Migration(long Version, string Name, string Sql)
{
    private const string Prefix = "Migrations/";

    /// <summary>Over the text with line ends normalised, so that a checkout's settings do not matter.</summary>
    public string Checksum { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>What is run: the file's text, or what an engine needs in its place.</summary>
    public string Statements => EngineSql ?? Sql;

    private string? EngineSql { get; init; }

    /// <summary>The embedded files <c>0001_name.sql</c> and, for one engine, <c>0002_name.sqlite.sql</c>, in order.</summary>
    /// <param name="engine"><c>sqlite</c> or <c>postgres</c>.</param>
    public static IReadOnlyList<Migration> Load(string engine)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var migrations = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            var parts = resource[Prefix.Length..].Split('.');
            if (parts.Length == 3 && parts[1] != engine) continue;

            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            var sql = reader.ReadToEnd();
            migrations.Add(new Migration(long.Parse(parts[0][..4], null), parts[0][5..], sql)
            {
                // Texts, and so ids, compare by their bytes, as they do on SQLite, whatever language the database was made for.
                EngineSql = engine == "postgres" ? TextColumn().Replace(sql, "TEXT COLLATE \"C\"") : null,
            });
        }

        return [.. migrations.OrderBy(migration => migration.Version)];
    }

    [GeneratedRegex(@"(?<=^\s*\w+\s+)TEXT\b", RegexOptions.Multiline)]
    private static partial Regex TextColumn();
}

/// <summary>Brings a database to this program's schema, one transaction a step, and refuses one that it does not know.</summary>
internal static class Migrator
{
    /// <param name="database">Its name in messages.</param>
    /// <param name="setting">What names another database.</param>
    /// <exception cref="StorageException">The database was made by a newer program, or an applied step was altered since.</exception>
    public static void Migrate(
        DbConnection connection, IReadOnlyList<Migration> migrations, string database, TimeProvider clock, string setting = "PaymentSim:DataDirectory")
    {
        connection.Execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)");
        var applied = connection.Query<Applied>("SELECT version, name, checksum FROM schema_migrations ORDER BY version").AsList();

        var newest = migrations.Count == 0 ? 0 : migrations[^1].Version;
        if (applied.Count > 0 && applied[^1].Version > newest)
        {
            throw new StorageException(
                $"The database {database} was made by a newer PaymentSim: its schema is at step {applied[^1].Version} ({applied[^1].Name}), "
                + $"and this program knows {newest}. Use the newer program, or another {setting}.");
        }

        foreach (var migration in migrations)
        {
            if (applied.Find(step => step.Version == migration.Version) is { } done)
            {
                if (done.Checksum != migration.Checksum)
                {
                    throw new StorageException(
                        $"The database {database} was made by another build of PaymentSim: step {done.Version} of its schema ({done.Name}) "
                        + $"is not the one that this program has. Use the program that made it, or another {setting}.");
                }

                continue;
            }

            using var transaction = connection.BeginTransaction();
            connection.Execute(migration.Statements, transaction: transaction);
            connection.Execute(
                "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (@Version, @Name, @Checksum, @now)",
                new { migration.Version, migration.Name, migration.Checksum, now = clock.GetUtcNow() },
                transaction);
            transaction.Commit();
        }
    }

    private sealed record Applied
    {
        public long Version { get; init; }

        public required string Name { get; init; }

        public required string Checksum { get; init; }
    }
}
