using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Storage.Postgres;
using PaymentSim.Core.Storage.Sqlite;

namespace PaymentSim.Tests.Support;

internal static class Databases
{
    public static SqliteDatabase Open(TempFolder folder) =>
        new(new StorageOptions(folder.Path), TimeProvider.System, NullLogger<SqliteDatabase>.Instance);

    /// <summary>
    /// From now on changes of these tables (null: of any) fail as on a full disk: they need more space than the file may take, which is SQLite's own
    /// way to SQLITE_FULL.
    /// </summary>
    public static Task FillAsync(Database database, string? table = null) => database.WriteAsync(async () =>
    {
        await database.ExecuteAsync("CREATE TABLE ballast (bytes BLOB NOT NULL)");
        foreach (var name in await database.QueryAsync<string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'ballast'"))
        {
            if (table is not null && name != table) continue;
            foreach (var change in new[] { "INSERT", "UPDATE", "DELETE" })
                await database.ExecuteAsync($"CREATE TRIGGER full_{change}_{name} BEFORE {change} ON {name} BEGIN INSERT INTO ballast VALUES (zeroblob(1000000)); END");
        }

        var pages = await database.FirstOrDefaultAsync<long>("PRAGMA page_count");
        await database.FirstOrDefaultAsync<long>($"PRAGMA max_page_count = {pages + 8}");
    });

    /// <summary>There is space again.</summary>
    public static Task EmptyAsync(Database database) => database.WriteAsync(async () =>
    {
        await database.FirstOrDefaultAsync<long>("PRAGMA max_page_count = 1000000");
        foreach (var trigger in await database.QueryAsync<string>("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'full_%'"))
            await database.ExecuteAsync($"DROP TRIGGER {trigger}");
        await database.ExecuteAsync("DROP TABLE ballast");
    });

    /// <summary>The data without PaymentSim around it, on the test's engine.</summary>
    public static DbConnection OpenRawOfEngine(TempFolder folder) => OpenRaw(Engines.Current, folder);

    public static DbConnection OpenRaw(Engine engine, TempFolder folder)
    {
        if (engine == Engine.Sqlite) return OpenRaw(folder);
        var connection = new NpgsqlConnection(folder.Postgres);
        connection.Open();
        return connection;
    }

    public static Database OpenOfEngine(TempFolder folder) => Engines.Current == Engine.Sqlite
        ? Open(folder)
        : new PostgresDatabase(new StorageOptions(folder.Path) { Postgres = folder.Postgres }, TimeProvider.System, NullLogger<PostgresDatabase>.Instance);

    /// <summary>What a query of one number finds in the data, past PaymentSim.</summary>
    public static async Task<long> CountAsync(TempFolder folder, string sql)
    {
        await using var connection = OpenRawOfEngine(folder);
        return await connection.ExecuteScalarAsync<long>(sql);
    }

    /// <summary>The file without PaymentSim around it, as another program opens it.</summary>
    public static SqliteConnection OpenRaw(TempFolder folder)
    {
        var file = new StorageOptions(folder.Path).DatabaseFile;
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}
