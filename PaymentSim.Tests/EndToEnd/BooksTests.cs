using Dapper;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>What crashes and full disks are judged by can itself say no.</summary>
public sealed class BooksTests(BooksTests.File file) : IClassFixture<BooksTests.File>
{
    [Fact]
    public void What_the_simulator_wrote_agrees() => Books.ShouldBalance(file.Folder);

    [Theory]
    [InlineData("charges without an event", "DELETE FROM events WHERE type = 'charge.succeeded'")]
    [InlineData("events without a charge", "DELETE FROM charges WHERE status = 'succeeded'")]
    [InlineData("charges without a key", "DELETE FROM idempotency_keys WHERE idempotency_key = 'card'")]
    [InlineData("charges without a key", "UPDATE idempotency_keys SET result = NULL WHERE idempotency_key = 'card'")]
    [InlineData("keys without a charge", "DELETE FROM charges WHERE status = 'succeeded'")]
    [InlineData("charges of several keys", "INSERT INTO idempotency_keys SELECT merchant_id, idempotency_key || 'x', request_hash, request_id, result, problem, created_at, expanded FROM idempotency_keys")]
    [InlineData("events without a delivery", "DELETE FROM deliveries WHERE status = 'succeeded'")]
    [InlineData("deliveries without an event", "DELETE FROM events WHERE type = 'charge.succeeded'")]
    [InlineData("events with several deliveries", "INSERT INTO deliveries (id, merchant_id, event_id, event_type, endpoint_id, status, trigger_kind, attempts, failures, created_at) SELECT id || 'x', merchant_id, event_id, event_type, endpoint_id, status, trigger_kind, attempts, failures, 0 FROM deliveries")]
    [InlineData("deliveries without a job", "DELETE FROM jobs WHERE state = 'Succeeded'")]
    [InlineData("pending deliveries whose job is over", "UPDATE jobs SET state = 'Failed' WHERE method = 'Deliver'")]
    [InlineData("pending charges whose job is over", "UPDATE jobs SET state = 'Succeeded' WHERE method = 'Settle'")]
    [InlineData("jobs without a delivery", "INSERT INTO jobs (created_at, state_number, states, parameters, type, arguments) SELECT 0, 0, 0, '', type, '[\"x\"]' FROM jobs WHERE method = 'Deliver'")]
    [InlineData("jobs without a charge", "INSERT INTO jobs (created_at, state_number, states, parameters, type, arguments) SELECT 0, 0, 0, '', type, '[\"\",\"x\"]' FROM jobs WHERE method = 'Settle'")]
    [InlineData("jobs to be run that are in no queue", "UPDATE jobs SET state = 'Processing'")]
    [InlineData("jobs that wait for no time", "DELETE FROM job_sets WHERE value = 'webhooks:3'")]
    public void What_does_not_agree_would_be_seen(string what, string sql)
    {
        using var copy = new TempFolder();
        System.IO.File.Copy(file.Folder.File("paymentsim.db"), copy.File("paymentsim.db"));
        using (var raw = Databases.OpenRaw(copy)) raw.Execute(sql);

        Should.Throw<ShouldAssertException>(() => Books.ShouldBalance(copy)).Message.ShouldContain(what);
    }

    /// <summary>What a simulator leaves that has made a card charge, whose webhook has arrived, and a bank debit, which has neither been settled nor been told.</summary>
    public sealed class File : IAsyncLifetime
    {
        public TempFolder Folder { get; } = new();

        public async Task InitializeAsync()
        {
            await using var simulator = await Simulator.StartAsync(Folder, "--PaymentSim:BankDebitDelay=1h", "--Webhooks:RetrySchedule=1h");
            await using var receiver = await Receiver.StartAsync();
            var merchant = simulator.NewMerchant();
            await merchant.AddEndpointAsync(receiver.Url);
            (await merchant.ChargeAsync(idempotencyKey: "card")).ShouldBe(200);
            await merchant.DeliveryAsync((await merchant.EventAsync("charge.succeeded")).Id, "succeeded");
            receiver.Answer = Receiver.Status(500);
            (await merchant.ChargeAsync("btok_us_verified", idempotencyKey: "debit")).ShouldBe(200);
            await Eventually.HoldsAsync(
                () => Task.FromResult(Books.Count(Folder, "SELECT COUNT(*) FROM jobs WHERE state = 'Scheduled'")), count => count == 2, "two jobs wait for their time");
        }

        public Task DisposeAsync()
        {
            Folder.Dispose();
            return Task.CompletedTask;
        }
    }
}
