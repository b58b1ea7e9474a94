using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>A whole simulator goes from its SQLite file to PostgreSQL.</summary>
public sealed class MigrateDataTests
{
    [PostgresFact]
    public async Task All_that_was_there_is_there_afterwards_and_what_was_pending_goes_on()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        string key, secret, endpoints, charges, events, made, debit;
        string[] lists = ["/v1/charges?limit=100", "/v1/events?limit=100&type=charge.succeeded", "/v1/webhook_endpoints"];
        await using (var before = await StartOnAsync(Engine.Sqlite, folder, "--Webhooks:RetrySchedule=1h", "--PaymentSim:BankDebitDelay=1h"))
        {
            var merchant = before.NewMerchant();
            key = merchant.Key;
            for (var i = 0; i < 30; i++) (await merchant.ChargeAsync(amount: 1000 + i)).ShouldBe(200);
            secret = (await merchant.AddEndpointAsync(receiver.Url)).Secret;
            made = (await merchant.ChargeAsync(idempotencyKey: "once")).ShouldBe(200).Body;
            (await merchant.ChargeAsync("tok_chargeDeclined", idempotencyKey: "declined")).ShouldBe(402);
            debit = (await merchant.ChargeAsync("btok_us_verified")).ShouldBe(200).Id;
            await receiver.WaitForAsync(3);
            (charges, events, endpoints) = (await BodyAsync(merchant, lists[0]), await BodyAsync(merchant, lists[1]), await BodyAsync(merchant, lists[2]));
        }

        var (code, output, errors) = await MigrateAsync(folder, folder.Postgres);
        code.ShouldBe(0, errors);
        output.ShouldMatch(@"charges +33 rows");
        output.ShouldMatch(@"events +33 rows");
        output.ShouldContain(folder.File("paymentsim.key"));

        receiver.Answer = Receiver.Status(200);
        await using var after = await StartOnAsync(Engine.Postgres, folder);
        var there = after.MerchantWith(key);
        (await BodyAsync(there, lists[0])).ShouldBe(charges);
        (await BodyAsync(there, lists[1])).ShouldBe(events);
        (await BodyAsync(there, lists[2])).ShouldBe(endpoints);
        var replay = (await there.ChargeAsync(idempotencyKey: "once")).ShouldBe(200);
        (replay.Body, replay.Header("Idempotent-Replayed")).ShouldBe((made, "true"));
        (await there.ChargeAsync("tok_chargeDeclined", idempotencyKey: "declined")).ShouldBe(402).Header("Idempotent-Replayed").ShouldBe("true");
        (await there.GetAsync($"/v1/charges/{debit}")).Text("status").ShouldBe("pending");

        // Its webhooks go on where they were: their retry is due in an hour, and that can be brought forward.
        await using (var raw = Databases.OpenRaw(Engine.Postgres, folder))
        {
            using var command = raw.CreateCommand();
            command.CommandText = "UPDATE deliveries SET next_attempt_at = 0 WHERE status = 'pending'; UPDATE charges SET settles_at = 0 WHERE status = 'pending'";
            command.ExecuteNonQuery().ShouldBe(4);
        }

        await there.DeliveryAsync((await there.EventAsync("charge.failed")).Id, "succeeded");
        receiver.Requests[^1].ShouldVerify(secret);
        await Eventually.HoldsAsync(async () => (await there.GetAsync($"/v1/charges/{debit}")).Text("status") == "succeeded", "the bank has answered");
        (await there.ChargeAsync()).ShouldBe(200);
    }

    [PostgresFact]
    public async Task It_is_refused_while_the_simulator_runs_and_where_there_is_nothing_or_something_already()
    {
        using var folder = new TempFolder();
        using var nothing = new TempFolder();
        using var used = new TempFolder();
        (await MigrateAsync(nothing, nothing.Postgres)).ShouldBeRefused("There is no database in " + nothing.Path);
        await using (var running = await StartOnAsync(Engine.Sqlite, folder))
        {
            (await running.NewMerchant().ChargeAsync()).ShouldBe(200);
            (await MigrateAsync(folder, folder.Postgres)).ShouldBeRefused("Another PaymentSim already runs on");
        }

        await using (var other = await StartOnAsync(Engine.Postgres, used)) (await other.NewMerchant().ChargeAsync()).ShouldBe(200);
        (await MigrateAsync(folder, used.Postgres)).ShouldBeRefused("is in use, there are rows in ");
        (await MigrateAsync(folder, "Host=127.0.0.1;Port=1;Password=hush")).ShouldBeRefused("cannot be opened");
        (await SimulatorProcess.RunAsync("migrate-data", $"--PaymentSim:DataDirectory={folder.Path}")).ShouldBeRefused("Where to?");

        (await MigrateAsync(folder, folder.Postgres)).ExitCode.ShouldBe(0);
        (await MigrateAsync(folder, folder.Postgres)).ShouldBeRefused("is in use");
    }

    [PostgresFact]
    public async Task A_row_that_cannot_be_copied_leaves_nothing_there()
    {
        using var folder = new TempFolder();
        await using (var before = await StartOnAsync(Engine.Sqlite, folder)) (await before.NewMerchant().ChargeAsync()).ShouldBe(200);
        using (var raw = Databases.OpenRaw(folder))
        {
            using var command = raw.CreateCommand();
            command.CommandText = "INSERT INTO merchants (id, name, created_at) VALUES ('acct_zero', 'a' || char(0) || 'b', 1)";
            command.ExecuteNonQuery();
        }

        (await MigrateAsync(folder, folder.Postgres)).ShouldBeRefused("Nothing was copied: a row of merchants was refused: ");

        await using var there = Databases.OpenRaw(Engine.Postgres, folder);
        using var count = there.CreateCommand();
        count.CommandText = "SELECT (SELECT COUNT(*) FROM merchants) + (SELECT COUNT(*) FROM charges) + (SELECT COUNT(*) FROM api_keys)";
        count.ExecuteScalar().ShouldBe(0L);
    }

    private static Task<Simulator> StartOnAsync(Engine engine, TempFolder folder, params string[] settings)
    {
        Engines.Current = engine;
        return Simulator.StartAsync(folder, settings);
    }

    private static Task<(int ExitCode, string Output, string Errors)> MigrateAsync(TempFolder folder, string to) =>
        SimulatorProcess.RunAsync("migrate-data", "--to", to, $"--PaymentSim:DataDirectory={folder.Path}");

    private static async Task<string> BodyAsync(Merchant merchant, string path) => (await merchant.GetAsync(path)).ShouldBe(200).Body;
}

internal static class MigrateDataAssertions
{
    public static void ShouldBeRefused(this (int ExitCode, string Output, string Errors) run, string reason)
    {
        run.ExitCode.ShouldBe(1, run.Output + run.Errors);
        run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldContain(reason);
        (run.Output + run.Errors).ShouldNotContain("hush");
    }
}
