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
