using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
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

    /// <summary>Runs until its input closes. What it is given: the binaries' folder, and one for its data.</summary>
    private const string Script =
        """
        "$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$2/log" 2>&1 || exit 1
        "$1/postgres" -D "$2/data" -c listen_addresses= -c unix_socket_directories="$2" -c max_connections=400 \
            -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c shared_buffers=128MB </dev/null >>"$2/log" 2>&1 &
        cat >/dev/null
        kill -QUIT $!
        wait
        rm -rf "$2"
        """;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly Lazy<(PostgresServer? Server, string? Missing)> TheOne = new(Find);

    private readonly string _connectionString;
    private readonly Lazy<string> _template;

    /// <param name="isOurs">True: it ends with this run, and what is in it.</param>
    private PostgresServer(string connectionString, bool isOurs)
    {
        _connectionString = connectionString;
        _template = new Lazy<string>(() => MakeTemplate(isOurs));
    }

    /// <summary>Why there is none; null: there is one.</summary>
    public static string? Missing => TheOne.Value.Missing;

    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static PostgresServer Instance => TheOne.Value.Server ?? throw new InvalidOperationException(Missing);

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
        using var connection = new NpgsqlConnection(_connectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private string StringOf(string database) => new NpgsqlConnectionStringBuilder(_connectionString) { Database = database }.ToString();

    private string MakeTemplate(bool isOurs)
    {
        var name = "paymentsim_test_template_" + Guid.NewGuid().ToString("N");
        var options = new StorageOptions(Path.GetTempPath()) { Postgres = CreateEmpty(name) };
        using var database = new PostgresDatabase(options, TimeProvider.System, NullLogger<PostgresDatabase>.Instance);
        (PostgresJobs.Open(database, TimeSpan.FromDays(1)) as IDisposable)!.Dispose();
        if (!isOurs) AppDomain.CurrentDomain.ProcessExit += (_, _) => Drop(name);
        return name;
    }

    private static (PostgresServer? Server, string? Missing) Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given) return (new PostgresServer(given, isOurs: false), null);
        if (Binaries() is not { } binaries) return (null, $"There is no PostgreSQL here: install it, or name a server in {Variable}.");
        try
        {
            return (new PostgresServer(Start(binaries), isOurs: true), null);
        }
        catch (InvalidOperationException failure)
        {
            return (null, failure.Message);
        }
    }

    private static string? Binaries()
    {
        var installed = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")) : [];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(installed.OrderDescending())
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
    }

    private static string Start(string binaries)
    {
        var folder = Directory.CreateTempSubdirectory("paymentsim-postgres-").FullName;
        // The server refuses to run as root.
        string[] user = Environment.IsPrivilegedProcess ? ["runuser", "-u", "nobody", "--"] : [];
        if (user.Length > 0) Run("chown", "nobody", folder);
        string[] command = [.. user, "sh", "-c", Script, "sh", binaries, folder];
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, WorkingDirectory = folder })!;
        // Not before: its input closes with it.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => process.Dispose();

        var connectionString = $"Host={folder};Username=postgres;Database=postgres";
        var started = Stopwatch.GetTimestamp();
        while (!Answers(connectionString))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(started) > StartTimeout)
                throw new InvalidOperationException($"PostgreSQL in {binaries} did not start: {File.ReadAllText(Path.Combine(folder, "log"))}");
            Thread.Sleep(50);
        }

        return connectionString;
    }

    private static bool Answers(string connectionString)
    {
        try
        {
            using var connection = new NpgsqlConnection(connectionString);
            connection.Open();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static void Run(string program, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args))!;
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, program);
    }
}
