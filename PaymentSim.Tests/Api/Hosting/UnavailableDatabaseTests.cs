using System.Net;
using Microsoft.Data.Sqlite;
using Npgsql;
using PaymentSim.Core.Storage;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Hosting;

public sealed class UnavailableDatabaseTests
{
    [Theory]
    [InlineData("charges")]
    [InlineData("idempotency_keys")]
    [InlineData("job_queue")]
    public async Task A_charge_that_meets_a_full_disk_half_way_is_refused_as_a_whole(string table)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var simulator = await Simulator.StartAsync();
        var (merchant, database) = (simulator.NewMerchant(), simulator.Get<Database>());
        await merchant.AddEndpointAsync(receiver.Url);
        await Databases.FillAsync(database, table);

        var refused = await merchant.ChargeAsync(idempotencyKey: "k");
        refused.ShouldBeError(503, "api_error").Text("error.message")!.ShouldStartWith("The database cannot be used right now, and nothing was changed: SQLite Error 13");
        (await merchant.IdsAsync("/v1/charges")).ShouldBeEmpty();
        (await merchant.IdsAsync("/v1/events")).ShouldBeEmpty();
        await Databases.EmptyAsync(database);

        var charge = (await merchant.ChargeAsync(idempotencyKey: "k")).ShouldBe(200);
        charge.Header("Idempotent-Replayed").ShouldBeNull();
        (await merchant.IdsAsync("/v1/charges")).ShouldBe([charge.Id]);
        await merchant.DeliveryAsync((await merchant.EventAsync("charge.succeeded")).Id, "succeeded");
    }

    [PostgresFact]
    public async Task While_the_server_takes_no_connections_requests_are_refused_and_nothing_is_lost()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync();
        await using var simulator = await Simulator.StartAsync(folder);
        var merchant = simulator.NewMerchant();
        await merchant.AddEndpointAsync(receiver.Url);
        var first = (await merchant.ChargeAsync()).ShouldBe(200);
        await merchant.DeliveryAsync((await merchant.EventAsync("charge.succeeded")).Id, "succeeded");
        var database = new NpgsqlConnectionStringBuilder(folder.Postgres).Database;

        PostgresServer.Instance.Execute($"ALTER DATABASE {database} ALLOW_CONNECTIONS false");
        PostgresServer.Instance.Execute($"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{database}'");
        var refused = await merchant.ChargeAsync(idempotencyKey: "k");
        refused.ShouldBeError(503, "api_error").Text("error.message")!.ShouldStartWith("The database cannot be used right now, and nothing was changed");
        (await merchant.GetAsync($"/v1/charges/{first.Id}")).ShouldBeError(503, "api_error");
        using (var ready = await simulator.Http.GetAsync("/health/ready"))
        {
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await ready.Content.ReadAsStringAsync()).ShouldContain("\"storage\":\"The database cannot be used");
        }

        (await simulator.Http.GetStringAsync("/health/live")).ShouldContain("ok");

        PostgresServer.Instance.Execute($"ALTER DATABASE {database} ALLOW_CONNECTIONS true");
        var charge = (await merchant.ChargeAsync(idempotencyKey: "k")).ShouldBe(200);
        charge.Header("Idempotent-Replayed").ShouldBeNull();
        (await merchant.IdsAsync("/v1/charges")).ShouldBe([charge.Id, first.Id]);
        await receiver.WaitForAsync(2);
        (await simulator.Http.GetStringAsync("/health/ready")).ShouldContain("ok");
    }

    [Fact]
    public async Task While_the_database_cannot_be_written_requests_are_refused_and_nothing_is_lost()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync();
        await using var simulator = await Simulator.StartAsync(folder);
        var merchant = simulator.NewMerchant();
        await merchant.AddEndpointAsync(receiver.Url);
        var first = (await merchant.ChargeAsync()).ShouldBe(200);
        await merchant.DeliveryAsync((await merchant.EventAsync("charge.succeeded")).Id, "succeeded");

        // Another program holds the file's write lock, as a backup or a database browser may.
        using (var other = new SqliteConnection($"Data Source={folder.File("paymentsim.db")};Pooling=False"))
        {
            other.Open();
            using var locked = other.BeginTransaction(deferred: false);

            var refused = await merchant.ChargeAsync(idempotencyKey: "k");
            refused.ShouldBeError(503, "api_error").Header("Request-Id").ShouldNotBeNull();
            refused.Text("error.message")!.ShouldStartWith("The database cannot be used right now, and nothing was changed");
            (await merchant.GetAsync($"/v1/charges/{first.Id}")).ShouldBe(200);
            using var ready = await simulator.Http.GetAsync("/health/ready");
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await ready.Content.ReadAsStringAsync()).ShouldContain("\"storage\":\"The database cannot be used");
            (await simulator.Http.GetStringAsync("/health/live")).ShouldContain("ok");
        }

        var charge = (await merchant.ChargeAsync(idempotencyKey: "k")).ShouldBe(200);
        charge.Header("Idempotent-Replayed").ShouldBeNull();
        (await merchant.IdsAsync("/v1/charges")).ShouldBe([charge.Id, first.Id]);
        await receiver.WaitForAsync(2);
        (await simulator.Http.GetStringAsync("/health/ready")).ShouldContain("ok");
    }
}
