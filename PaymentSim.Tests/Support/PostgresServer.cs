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
        "-c max_connections=400 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c shared_buffers=128MB";

    private static readonly Lazy<(PostgresServer? Server, string? Missing)> TheOne = new(Find);

    private readonly LocalPostgres? _own;
    private readonly Lazy<string> _template;

    /// <param name="own">It ends with this run, and what is in it.</param>
    private PostgresServer(string connectionString, LocalPostgres? own = null)
    {
        (ConnectionString, _own) = (connectionString, own);
        _template = new Lazy<string>(MakeTemplate);
    }

    /// <summary>Why there is none; null: there is one.</summary>
    public static string? Missing => TheOne.Value.Missing;

    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static PostgresServer Instance => TheOne.Value.Server ?? throw new InvalidOperationException(Missing);

    /// <summary>Of the server's own database, by a user who may create others.</summary>
    public string ConnectionString { get; }

    /// <summary>Makes a database with PaymentSim's tables, and answers its connection string.</summary>
    public string Create(string name)
    {
        Execute($"CREATE DATABASE {name} TEMPLATE {_template.Value}");
        return StringOf(name);
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

    private string MakeTemplate()
    {
        var name = "paymentsim_test_template_" + Guid.NewGuid().ToString("N");
        var options = new StorageOptions(Path.GetTempPath()) { Postgres = CreateEmpty(name) };
        using var database = new PostgresDatabase(options, TimeProvider.System, NullLogger<PostgresDatabase>.Instance);
        (PostgresJobs.Open(database, TimeSpan.FromDays(1)) as IDisposable)!.Dispose();
        if (_own is null) AppDomain.CurrentDomain.ProcessExit += (_, _) => Drop(name);
        return name;
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
