using System.Text.Json;
using Dapper;
using Npgsql;
using PaymentSim.Api.Cli.Bench;
using PaymentSim.Tests.Support;
using Receiver = PaymentSim.Tests.Support.Receiver;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>
/// Three nodes on one PostgreSQL database under load, while something fails: a node, the database, its connections. What was acknowledged is there
/// exactly once, everything that is there has been told, and the nodes recover by themselves.
/// </summary>
public abstract class PostgresFailureTests : IAsyncLifetime
{
    private const string Key = "sk_test_failures";
    private const int Clients = 9;

    /// <summary>Of no special rights, and the only one that a server's limits hold for.</summary>
    private const string NodesRole = "paymentsim";

    // Commits wait for the log, as the server's crash would lose what they acknowledged.
    private const string Settings = "-c max_connections=120 -c fsync=off -c full_page_writes=off -c shared_buffers=64MB";

    /// <summary>What a sender that is gone had claimed is sent again 30 seconds after the webhook's time-out.</summary>
    private static readonly TimeSpan ClaimsEnd = TimeSpan.FromSeconds(90);

    private LocalPostgres? _server;
    private Receiver? _receiver;
    private string _secret = "";

    private protected LocalPostgres Server => _server!;

    private const int Nodes = 3;

    /// <summary>The cluster's database, past the nodes.</summary>
    protected string Database { get; private set; } = "";

    public async Task InitializeAsync()
    {
        if (Engines.Missing(Engine.Postgres) is not null) return;
        _server = await LocalPostgres.StartAsync(Settings);
        await using (var connection = new NpgsqlConnection(_server.ConnectionString))
        {
            await connection.ExecuteAsync($"CREATE ROLE {NodesRole} LOGIN");
            await connection.ExecuteAsync($"CREATE DATABASE cluster OWNER {NodesRole}");
        }

        Database = new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = "cluster", Pooling = false }.ToString();
        var count = 0;
        // Every 7th request fails, every 11th is slow.
        _receiver = await Receiver.StartAsync(async context =>
        {
            var n = Interlocked.Increment(ref count);
            if (n % 11 == 0) await Task.Delay(200);
            context.Response.StatusCode = n % 7 == 0 ? 500 : 200;
        });
    }

    public async Task DisposeAsync()
    {
        if (_receiver is not null) await _receiver.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
    }

    /// <summary>Starts the nodes and the load, lets a test do its worst, and then looks at what there is.</summary>
    /// <param name="connection">Added to the connection string.</param>
    protected async Task SurvivesAsync(Func<NodeCluster, ClusterLoad, Task> fault, string connection = "")
    {
        await using var cluster = await NodeCluster.StartAsync(
            Nodes,
            new NpgsqlConnectionStringBuilder(Database) { Username = NodesRole, Pooling = true } + connection,
            "--Webhooks:RetrySchedule=1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s", "--Webhooks:Timeout=2s", "--Webhooks:SweepInterval=2s", "--Jobs:Workers=4", "--Logging:LogLevel:Default=Warning");
        _secret = (await cluster.MerchantAt(0, Key).AddEndpointAsync(_receiver!.Url)).Secret;
        var load = new ClusterLoad(cluster, Key, Clients);
        try
        {
            await load.AcknowledgesAsync(100);
            await fault(cluster, load);
            for (var node = 0; node < Nodes; node++) await load.AcknowledgesAsync(20, by: node);
            await load.FinishAsync();
            for (var node = 0; node < Nodes; node++) (await cluster.WhyNotReadyAsync(node)).ShouldBeNull();
            await NothingIsLostOrHalfWrittenAsync(cluster, load);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"{failure.Message}\nThe nodes wrote:\n{cluster.Output}", failure);
        }
    }

    private async Task NothingIsLostOrHalfWrittenAsync(NodeCluster cluster, ClusterLoad load)
    {
        load.Wrong.Select(answer => $"{answer.Status} {answer.Body}").ShouldBeEmpty();

        // Each charge that was acknowledged is there, and no other: each key was sent until it was.
        var charges = await cluster.MerchantAt(0, Key).IdsAsync("/v1/charges");
        load.Acknowledged.Values.Order().ShouldBe(charges.Order());
        foreach (var ((key, id), i) in load.Acknowledged.Select((pair, i) => (pair, i)).Where(at => at.i % 10 == 0))
        {
            var replay = (await cluster.MerchantAt(i / 10 % Nodes, Key).ChargeAsync(idempotencyKey: key)).ShouldBe(200);
            (replay.Id, replay.Header("Idempotent-Replayed")).ShouldBe((id, "true"));
        }

        (await CountAsync("SELECT COUNT(*) FROM charges")).ShouldBe(charges.Count);
        (await CountAsync("SELECT COUNT(*) FROM idempotency_keys")).ShouldBe(charges.Count);
        (await CountAsync("SELECT COUNT(*) FROM charges c JOIN events e ON e.object_id = c.id JOIN deliveries d ON d.event_id = e.id")).ShouldBe(charges.Count);
        (await CountAsync("SELECT COUNT(*) FROM events")).ShouldBe(charges.Count);
        (await CountAsync("SELECT COUNT(*) FROM deliveries")).ShouldBe(charges.Count);

        await Eventually.HoldsAsync(() => CountAsync("SELECT COUNT(*) FROM deliveries WHERE status <> 'succeeded'"), left => left == 0, "all webhooks have arrived", ClaimsEnd);
        var told = _receiver!.Requests.Select(request => JsonDocument.Parse(request.Body).RootElement.At("data.object.id").GetString()!);
        told.Distinct().Order().ShouldBe(charges.Order());
        foreach (var request in _receiver.Requests) request.ShouldVerify(_secret);
        (await CountAsync("SELECT COUNT(*) FROM delivery_attempts WHERE outcome = 'open'")).ShouldBe(0);
        (await CountAsync("SELECT COUNT(*) FROM delivery_attempts WHERE outcome = 'succeeded'")).ShouldBeGreaterThanOrEqualTo(charges.Count);
    }

    private async Task<long> CountAsync(string sql)
    {
        // Where it is asked again and again, a new session each time would cost the server more than the nodes do.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Database) { Pooling = true }.ToString());
        return await connection.ExecuteScalarAsync<long>(sql);
    }

    /// <summary>Waits until every node says that it is not ready, and why.</summary>
    protected static async Task NoneIsReadyAsync(NodeCluster cluster, string reason)
    {
        for (var node = 0; node < cluster.Count; node++)
        {
            var why = await Eventually.HoldsAsync(() => cluster.WhyNotReadyAsync(node), text => text?.Contains(reason, StringComparison.Ordinal) == true, $"node {node} says '{reason}'");
            why!.ShouldContain("\"storage\":\"The database cannot be used right now, and nothing was changed: ");
        }
    }

    /// <summary>Waits until a charge was refused with this reason.</summary>
    protected static async Task RefusesAsync(ClusterLoad load, string reason) => (await Eventually.HoldsAsync(
            () => Task.FromResult(load.Refused.FirstOrDefault(answer => answer.Body.Contains(reason, StringComparison.Ordinal))), answer => answer is not null, $"a charge is refused: {reason}"))!
        .ShouldBeError(503, "api_error");
}

public sealed class NodeFailureTests : PostgresFailureTests
{
    [PostgresFact]
    public Task A_node_that_is_killed_under_load_takes_nothing_with_it_and_goes_on_when_it_is_started_again() => SurvivesAsync(async (cluster, load) =>
    {
        await cluster.KillAsync(1);
        await load.AcknowledgesAsync(100);
        await cluster.RestartAsync(1);
        await load.AcknowledgesAsync(50, by: 1);
        await cluster.KillAsync(2);
        await cluster.RestartAsync(2);
    });
}

public sealed class DatabaseRestartTests : PostgresFailureTests
{
    [PostgresFact]
    public Task A_database_that_is_restarted_or_crashes_under_load_is_found_again_and_has_lost_nothing() => SurvivesAsync(async (cluster, load) =>
    {
        await Server.RestartAsync("fast");
        await load.AcknowledgesAsync(100);

        await Server.StopAsync("immediate");
        await NoneIsReadyAsync(cluster, "Failed to connect");
        await RefusesAsync(load, "Failed to connect");
        await Server.StartAgainAsync();
    });
}

public sealed class ConnectionsExhaustedTests : PostgresFailureTests
{
    [PostgresFact]
    public Task Who_gets_no_connection_of_a_nodes_pool_or_of_the_server_is_told_so_until_there_is_one() => SurvivesAsync(
        async (cluster, load) =>
        {
            // Units wait for the table with the connections that they have.
            await using (var other = new NpgsqlConnection(Database))
            {
                await other.OpenAsync();
                await using var transaction = await other.BeginTransactionAsync();
                await other.ExecuteAsync("LOCK TABLE charges IN ACCESS EXCLUSIVE MODE");
                await NoneIsReadyAsync(cluster, "pool has been exhausted");
                await RefusesAsync(load, "pool has been exhausted");
            }

            await load.AcknowledgesAsync(100);
            await using (var other = new NpgsqlConnection(Database))
            {
                await other.ExecuteAsync("ALTER DATABASE cluster CONNECTION LIMIT 0");
                await other.ExecuteScalarAsync<long>(
                    "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            }

            await NoneIsReadyAsync(cluster, "too many connections");
            await RefusesAsync(load, "too many connections");
            await using (var other = new NpgsqlConnection(Database)) await other.ExecuteAsync("ALTER DATABASE cluster CONNECTION LIMIT -1");
        },
        ";Maximum Pool Size=2;Timeout=5");
}
