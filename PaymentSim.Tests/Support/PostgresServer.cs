using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PaymentSim.Api.Cli.Bench;
using PaymentSim.Core.JobStorage;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Storage.Postgres;

namespace PaymentSim.Tests.Support;

/// <summary>
/// The PostgreSQL server of this test run: the one that <c>PAYMENTSIM_TEST_POSTGRES</c> names (a connection string whose user may create databases), else
/// one that is started from this machine's binaries, behind a socket in a folder of its own, and ends with the run, however that ends.
/// </summary>
public sealed class PostgresServer
{
    private const string Variable = "PAYMENTSIM_TEST_POSTGRES";

    /// <summary>What is in it is thrown away, and a crash of the machine ends the tests too.</summary>
    private const string Settings =
        "-c max_connections=800 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c shared_buffers=128MB";

    private static readonly Lazy<(PostgresServer? Server, string? Missing)> TheOne = new(Find);

    /// <summary>
    /// What a database is that only rows have changed: its tables, columns, indexes and triggers, who may connect, and which migrations it has had.
    /// </summary>
    private const string Shape =
        """
        SELECT md5(string_agg(line, chr(10) ORDER BY line)) FROM (
            SELECT format('%s.%s %s %s %s', n.nspname, c.relname, a.attnum, a.attname, a.atttypid) AS line
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE n.nspname IN ('public', 'hangfire')
            UNION ALL SELECT format('%s %s %s', tgrelid, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT format('%s %s %s', datallowconn, datconnlimit, (SELECT COUNT(*) FROM pg_db_role_setting WHERE setdatabase = d.oid))
                FROM pg_database d WHERE datname = current_database()
            UNION ALL SELECT format('%s', version) FROM schema_migrations
            UNION ALL SELECT format('%s', version) FROM hangfire.schema) lines
        """;

    /// <summary>How many connections of others are at work, or were ended from outside.</summary>
    private const string Disturbed =
        """
        SELECT (SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle')
            + (SELECT sessions_killed FROM pg_stat_database WHERE datname = current_database())
        """;

    /// <summary>Empties the tables in which there is or was something, but those that say what the schema is.</summary>
    private const string Empty =
        """
        DO $$ DECLARE used text; BEGIN
            SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ') INTO used FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname IN ('public', 'hangfire') AND c.relkind = 'r' AND c.relname NOT IN ('schema_migrations', 'schema') AND pg_relation_size(c.oid) > 0;
            IF used IS NOT NULL THEN EXECUTE 'TRUNCATE ' || used || ' RESTART IDENTITY CASCADE'; END IF;
        END $$
        """;

    private readonly LocalPostgres? _own;
    private readonly Lazy<(string Name, string Shape)> _template;
    private readonly ConcurrentBag<string> _free = [];
    private int _made;

    /// <param name="own">It ends with this run, and what is in it.</param>
    private PostgresServer(string connectionString, LocalPostgres? own = null)
    {
        (ConnectionString, _own) = (connectionString, own);
        _template = new Lazy<(string, string)>(MakeTemplate);
    }

    /// <summary>Why there is none; null: there is one.</summary>
    public static string? Missing => TheOne.Value.Missing;

    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static PostgresServer Instance => TheOne.Value.Server ?? throw new InvalidOperationException(Missing);

    /// <summary>Of the server's own database, by a user who may create others.</summary>
    public string ConnectionString { get; }

    /// <summary>Answers the connection string of a database with PaymentSim's tables in which there is nothing, and which nobody else has.</summary>
    public string Take()
    {
        if (_free.TryTake(out var free)) return StringOf(free);
        var name = $"{_template.Value.Name}_{Interlocked.Increment(ref _made)}";
        Execute($"CREATE DATABASE {name} TEMPLATE {_template.Value.Name}");
        return StringOf(name);
    }

    /// <summary>
    /// Of <see cref="Take"/>, for the next test: empty again. One whose schema or settings have changed, that somebody still works on, or that cannot be
    /// reached, is dropped instead; and so is each on a server that is not ours, which keeps nothing of this run.
    /// </summary>
    public void GiveBack(string connectionString)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database!;
        if (_own is not null && TryEmpty(connectionString)) _free.Add(name);
        else Drop(name);
    }

    private bool TryEmpty(string connectionString)
    {
        try
        {
            using var connection = new NpgsqlConnection(connectionString);
            connection.Open();
            // This process keeps its idle connections for the next test. Where one is still at work, or was ended by its test, there is nothing to keep.
            if (connection.ExecuteScalar<long>(Disturbed) > 0 || connection.ExecuteScalar<string>(Shape) != _template.Value.Shape) return false;
            connection.Execute(Empty);
            return true;
        }
        catch (NpgsqlException)
        {
            // As its test left it, nobody can use it.
            return false;
        }
    }

    /// <summary>Makes a database in which there is nothing, and answers its connection string.</summary>
    /// <param name="options">Of CREATE DATABASE.</param>
    public string CreateEmpty(string name, string options = "")
    {
        Execute($"CREATE DATABASE {name} TEMPLATE template0 {options}");
        return StringOf(name);
    }

    public void Drop(string name) => Execute($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");

    /// <summary>Runs a statement on the server's own database.</summary>
    public void Execute(string sql)
    {
        using var connection = new NpgsqlConnection(ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>What a query of one text column finds in the server's own database.</summary>
    public IReadOnlyList<string> Query(string sql)
    {
        using var connection = new NpgsqlConnection(ConnectionString);
        return connection.Query<string>(sql).AsList();
    }

    private string StringOf(string database) => new NpgsqlConnectionStringBuilder(ConnectionString) { Database = database }.ToString();

    private (string Name, string Shape) MakeTemplate()
    {
        var name = "paymentsim_test_template_" + Guid.NewGuid().ToString("N");
        var options = new StorageOptions(Path.GetTempPath()) { Postgres = CreateEmpty(name) };
        using var database = new PostgresDatabase(options, TimeProvider.System, NullLogger<PostgresDatabase>.Instance);
        PostgresJobs.Open(database, TimeSpan.FromDays(1), []);
        using var connection = new NpgsqlConnection(options.Postgres);
        connection.Open();
        if (_own is null) AppDomain.CurrentDomain.ProcessExit += (_, _) => Drop(name);
        var shape = connection.ExecuteScalar<string>(Shape)!;
        // What is copied has nobody on it.
        Execute($"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
        Execute($"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'");
        return (name, shape);
    }

    private static (PostgresServer? Server, string? Missing) Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given) return (new PostgresServer(given), null);
        try
        {
            var own = LocalPostgres.StartAsync(Settings).GetAwaiter().GetResult();
            return (new PostgresServer(own.ConnectionString, own), null);
        }
        catch (BenchException failure)
        {
            return (null, $"{failure.Message} Install it, or name a server in {Variable}.");
        }
    }
}
