using Dapper;
using Microsoft.Data.Sqlite;

namespace MerchantDemo;

/// <summary>
/// The shop's own SQLite file. Times are Unix milliseconds, amounts are cents. SQLite works in-process and has no
/// asynchronous reads or writes, so nothing here pretends to.
/// </summary>
internal sealed class Database(ShopSettings settings) : IDisposable
{
    private readonly string _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = Path.Combine(settings.DataDirectory, "shop.db"),
    }.ToString();

    static Database() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();

        // A webhook that was answered 200 is never sent again, so its commit must survive a power cut: FULL.
        connection.Execute("PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL;");
        return connection;
    }

    public void CreateSchema()
    {
        Directory.CreateDirectory(settings.DataDirectory);
        using var connection = Open();
        connection.Execute("""
            PRAGMA journal_mode = WAL;

            CREATE TABLE IF NOT EXISTS orders (
                id                 TEXT   PRIMARY KEY,
                product_id         TEXT   NOT NULL,
                product            TEXT   NOT NULL,
                amount             BIGINT NOT NULL,
                currency           TEXT   NOT NULL,
                source             TEXT   NOT NULL,
                idempotency_key    TEXT   NOT NULL UNIQUE,
                status             TEXT   NOT NULL,
                charge_id          TEXT,
                failure_message    TEXT,
                api_problem        TEXT,
                fail_webhooks_left BIGINT NOT NULL,
                last_event_created BIGINT NOT NULL DEFAULT 0, -- Unix seconds, as the events say
                created            BIGINT NOT NULL,
                updated            BIGINT NOT NULL
            );
            CREATE INDEX IF NOT EXISTS orders_created ON orders (created);

            -- The webhooks that were acted upon. The primary key is what makes a second delivery do nothing.
            CREATE TABLE IF NOT EXISTS webhooks (
                id       TEXT   PRIMARY KEY,
                event_id TEXT   NOT NULL,
                type     TEXT   NOT NULL,
                received BIGINT NOT NULL
            );

            -- Every delivery with a good signature and what it was answered, for people to read.
            CREATE TABLE IF NOT EXISTS webhook_log (
                number     INTEGER PRIMARY KEY,
                webhook_id TEXT    NOT NULL,
                order_id   TEXT,
                type       TEXT    NOT NULL,
                answer     TEXT    NOT NULL,
                received   BIGINT  NOT NULL
            );
            CREATE INDEX IF NOT EXISTS webhook_log_order ON webhook_log (order_id);

            CREATE TABLE IF NOT EXISTS settings (
                name  TEXT PRIMARY KEY,
                value TEXT NOT NULL
            );
            """);
    }

    // Closing the last connection lets SQLite fold the write-ahead log back into shop.db.
    public void Dispose() => SqliteConnection.ClearAllPools();
}
