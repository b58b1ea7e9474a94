using System.Text.Json;
using System.Text.RegularExpressions;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Cli;

/// <summary>The benchmark runs, and nothing that it counts is lost. Its times are no test's business.</summary>
public sealed partial class BenchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private static readonly string Program = Repository.ProgramOf("PaymentSim.Api");

    [Fact]
    public async Task A_short_run_measures_everything_and_loses_nothing()
    {
        var (code, output, errors) = await ProgramProcess.RunAsync(Program, Patience, "bench", "--seconds", "0.3", "--charges", "2000", "--json");

        code.ShouldBe(0, output + errors);
        using var json = JsonDocument.Parse(output);
        var report = json.RootElement;
        report.GetProperty("storage").GetProperty("without_endpoint").Positive("per_second");
        report.GetProperty("storage").GetProperty("with_key").Positive("per_second");
        report.GetProperty("storage").GetProperty("with_endpoint").Positive("per_second");
        report.GetProperty("generator").Positive("per_second");
        report.GetProperty("charges").EnumerateArray()
            .Select(row => (row.GetProperty("connections").GetInt32(), row.GetProperty("idempotency_keys").GetBoolean()))
            .ShouldBe([(1, false), (1, true), (16, false), (16, true), (64, false), (64, true)]);
        foreach (var row in report.GetProperty("charges").EnumerateArray()) row.GetProperty("load").ShouldBeALoad();
        foreach (var row in report.GetProperty("charges").EnumerateArray()) row.Positive("cpu_ms_per_charge");

        var webhooks = report.GetProperty("webhooks");
        webhooks.GetProperty("load").ShouldBeALoad();
        webhooks.Positive("deliveries_per_second");
        webhooks.GetProperty("delivered").GetInt32().ShouldBe(webhooks.GetProperty("acknowledged").GetInt32());
        webhooks.ShouldHaveLostNothing();

        var latency = report.GetProperty("latency");
        latency.GetProperty("webhook").Positive("p50_ms");
        latency.GetProperty("bare_post").Positive("p50_ms");
        latency.ShouldHaveLostNothing();

        var growth = report.GetProperty("growth");
        growth.GetProperty("charges").GetInt32().ShouldBe(2000);
        growth.GetProperty("start").ShouldBeALoad();
        growth.GetProperty("end").ShouldBeALoad();
        growth.Positive("memory_at_end");
        growth.Positive("file_bytes");

        foreach (var jobs in report.GetProperty("jobs").EnumerateArray())
        {
            jobs.Positive("per_second");
            jobs.ShouldHaveLostNothing();
        }

        var ratios = report.GetProperty("ratios");
        foreach (var ratio in new[] { "charges_to_storage", "keyed_charges_to_storage", "webhook_charges_to_storage", "charges_to_storage_cpu", "webhook_charges_to_storage_cpu", "p99_to_p50", "end_to_start", "end_to_start_cpu", "charges_to_generator" }) ratios.Positive(ratio);
        report.GetProperty("peer").ValueKind.ShouldBe(JsonValueKind.Null, "no other server was named");
        report.GetProperty("failures").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Several_endpoints_each_get_every_webhook()
    {
        var (code, output, errors) = await ProgramProcess.RunAsync(Program, Patience, "bench", "--only", "c", "--seconds", "0.3", "--endpoints", "3", "--json");

        code.ShouldBe(0, output + errors);
        using var json = JsonDocument.Parse(output);
        var webhooks = json.RootElement.GetProperty("webhooks");
        webhooks.GetProperty("delivered").GetInt32().ShouldBe(3 * webhooks.GetProperty("acknowledged").GetInt32());
        webhooks.ShouldHaveLostNothing();
    }

    [Fact]
    public async Task Two_ways_to_start_the_server_are_charged_in_turns()
    {
        var (code, output, errors) = await ProgramProcess.RunAsync(
            Program, Patience, "bench", "--only", "j", "--seconds", "0.2", "--connections", "4", "--against", "DOTNET_TieredPGO=1,DOTNET_gcServer=0", "--json");

        code.ShouldBe(0, output + errors);
        using var json = JsonDocument.Parse(output);
        var comparison = json.RootElement.GetProperty("comparison");
        comparison.GetProperty("against").GetString().ShouldBe("DOTNET_TieredPGO=1,DOTNET_gcServer=0");
        comparison.GetProperty("pairs").GetInt32().ShouldBe(4);
        foreach (var figure in new[] { "per_second", "other_per_second", "rate", "cpu", "p99" }) comparison.GetProperty(figure).Positive("median");
    }

    [Fact]
    public async Task Another_build_can_be_the_other_way()
    {
        var (code, output, errors) = await ProgramProcess.RunAsync(
            Program, Patience, "bench", "--only", "j", "--seconds", "0.1", "--connections", "2", "--against", Program, "--json");

        code.ShouldBe(0, output + errors);
        using var json = JsonDocument.Parse(output);
        json.RootElement.GetProperty("comparison").GetProperty("other_per_second").Positive("median");
    }

    [PostgresFact]
    public async Task A_short_run_on_PostgreSQL_measures_several_nodes_and_a_backlog_and_leaves_no_database()
    {
        var databases = Databases();

        var (code, output, errors) = await ProgramProcess.RunAsync(
            Program, Patience, "bench", "--storage", "postgres", "--nodes", "2", "--postgres", PostgresServer.Instance.ConnectionString, "--connections", "4", "--seconds", "0.3", "--backlog", "200", "--only", "abcdh", "--json");

        code.ShouldBe(0, output + errors);
        using var json = JsonDocument.Parse(output);
        var report = json.RootElement;
        (report.GetProperty("engine").GetString(), report.GetProperty("nodes").GetInt32()).ShouldBe(("postgres", 2));
        report.GetProperty("storage").GetProperty("without_endpoint").Positive("per_second");
        report.GetProperty("storage").GetProperty("with_endpoint").Positive("per_second");
        report.GetProperty("charges").EnumerateArray().Select(row => row.GetProperty("connections").GetInt32()).ShouldBe([1, 1, 4, 4]);
        foreach (var row in report.GetProperty("charges").EnumerateArray()) row.GetProperty("load").ShouldBeALoad();
        report.GetProperty("webhooks").ShouldHaveLostNothing();
        report.GetProperty("latency").ShouldHaveLostNothing();
        var backlog = report.GetProperty("backlog");
        backlog.GetProperty("deliveries").GetInt32().ShouldBe(200);
        foreach (var part in new[] { "charges_per_second", "deliveries_per_second" }) backlog.GetProperty(part).GetArrayLength().ShouldBe(5, part);
        backlog.ShouldHaveLostNothing();
        foreach (var ratio in new[] { "charges_to_storage", "keyed_charges_to_storage", "webhook_charges_to_storage", "drain_end_to_start", "backlog_end_to_start" }) report.GetProperty("ratios").Positive(ratio);
        report.GetProperty("failures").GetArrayLength().ShouldBe(0);
        Databases().ShouldBe(databases);

        static IReadOnlyList<string> Databases() => PostgresServer.Instance.Query("SELECT datname FROM pg_database WHERE datname LIKE 'paymentsim_bench_%' ORDER BY datname");
    }

    [PostgresFact]
    public async Task Without_a_server_it_starts_one_and_a_backlog_drains_in_an_embedded_database_too()
    {
        foreach (var storage in new[] { "postgres", "sqlite" })
        {
            var (code, output, errors) = await ProgramProcess.RunAsync(Program, Patience, "bench", "--storage", storage, "--connections", "4", "--seconds", "0.2", "--only", "h", "--backlog", "100", "--json");

            code.ShouldBe(0, output + errors);
            using var json = JsonDocument.Parse(output);
            json.RootElement.GetProperty("backlog").ShouldHaveLostNothing();
        }
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_named_without_its_password()
    {
        var (code, _, errors) = await ProgramProcess.RunAsync(
            Program, Patience, "bench", "--storage", "postgres", "--postgres", "Host=127.0.0.1;Port=1;Username=u;Password=hunter2", "--only", "a", "--json");

        code.ShouldBe(1);
        errors.ShouldStartWith("A database for the measurement could not be made: ");
        errors.ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData("--nodes and --postgres need --storage postgres", "--nodes", "2")]
    [InlineData("measurements e, f, g and j are of --storage sqlite", "--storage", "postgres", "--only", "g")]
    [InlineData("measurements e, f, g and j are of --storage sqlite", "--storage", "postgres", "--against", "DOTNET_TieredPGO=1")]
    [InlineData("--nodes must be from 1 to 9", "--storage", "postgres", "--nodes", "0")]
    [InlineData("--connections must be from 1 to 1000", "--connections", "0")]
    [InlineData("--only takes letters from a to j", "--only", "a,z")]
    [InlineData("--peer takes an http URL of this machine", "--peer", "http://example.com")]
    [InlineData("Measurement f needs --peer", "--only", "f")]
    [InlineData("Measurement j needs --against", "--only", "j")]
    [InlineData("--against takes variables, NAME=VALUE,NAME=VALUE, or the path of a PaymentSim.Api.dll", "--against", "/no/such/PaymentSim.Api.dll")]
    [InlineData("--against takes variables, NAME=VALUE,NAME=VALUE, or the path of a PaymentSim.Api.dll", "--against", "DOTNET_TieredPGO=1,=2")]
    public async Task What_it_cannot_do_is_said_before_it_begins(string sentence, params string[] args)
    {
        var (code, _, errors) = await ProgramProcess.RunAsync(Program, Patience, ["bench", .. args]);

        code.ShouldBe(1);
        errors.ShouldContain(sentence);
    }

    [Fact]
    public async Task A_peer_that_refuses_is_reported()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };

        var (code, _, errors) = await ProgramProcess.RunAsync(Program, Patience, "bench", "--seconds", "0.2", "--only", "f", "--peer", receiver.Url.TrimEnd('/'), "--json");

        code.ShouldBe(1);
        errors.ShouldContain($"{receiver.Url.TrimEnd('/')} answered");
        errors.ShouldContain("otherwise than with 200; the first: 500");
    }

    [Theory]
    [InlineData("Charges/ChargeStore.cs")]
    [InlineData("Events/EventLog.cs")]
    [InlineData("Pipeline/IdempotencyRecords.cs")]
    [InlineData("Deliveries/DeliveryStore.cs")]
    [InlineData("JobStorage/JobWriter.cs")]
    [InlineData("JobStorage/SqliteJobTransaction.cs")]
    public void The_storage_ceiling_writes_with_the_SQL_of_the_stores(string store)
    {
        var ceiling = Inserts("Storage/Sqlite/StorageCeiling.cs");

        ceiling.Count.ShouldBe(6);
        string[] others = ["INTO delivery_attempts", "INTO source_sequences", "INTO job_states"];
        Inserts(store).Where(sql => !others.Any(other => sql.Contains(other, StringComparison.Ordinal))).ShouldHaveSingleItem().ShouldBeOneOf([.. ceiling]);
    }

    private static List<string> Inserts(string file) =>
        [.. Insert().Matches(File.ReadAllText(Repository.At("PaymentSim.Core", file))).Select(match => Space().Replace(match.Value, " "))];

    [GeneratedRegex(@"INSERT INTO [^""]*")]
    private static partial Regex Insert();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}

internal static class BenchAssertions
{
    public static void Positive(this JsonElement element, string name) => element.GetProperty(name).GetDouble().ShouldBeGreaterThan(0, name);

    public static void ShouldBeALoad(this JsonElement load)
    {
        foreach (var name in new[] { "requests", "seconds", "per_second", "p50_ms", "p99_ms" }) load.Positive(name);
        load.GetProperty("p99_ms").GetDouble().ShouldBeGreaterThanOrEqualTo(load.GetProperty("p50_ms").GetDouble());
        load.GetProperty("refused").GetInt32().ShouldBe(0);
    }

    public static void ShouldHaveLostNothing(this JsonElement part)
    {
        part.GetProperty("lost").GetInt32().ShouldBe(0);
        part.GetProperty("duplicates").GetInt32().ShouldBe(0);
    }
}
