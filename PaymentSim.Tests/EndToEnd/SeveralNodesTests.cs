using PaymentSim.Core.Storage;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>Several simulators on one PostgreSQL database are one simulator.</summary>
public sealed class SeveralNodesTests
{
    private const string Key = "sk_test_cluster";

    [PostgresFact]
    public async Task Sixty_four_requests_under_one_key_over_three_nodes_make_one_charge_and_get_one_answer()
    {
        using var folder = new TempFolder();
        await using var first = await Simulator.StartAsync(folder);
        await using var second = await Simulator.StartAsync(folder);
        await using var third = await Simulator.StartAsync(folder);
        Merchant[] nodes = [first.MerchantWith(Key), second.MerchantWith(Key), third.MerchantWith(Key)];

        foreach (var source in new[] { "tok_visa", "tok_chargeDeclined" })
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => nodes[i % 3].ChargeAsync(source, idempotencyKey: source)));

            answers.Select(answer => (answer.Status, answer.Body)).Distinct().Count().ShouldBe(1, string.Join('\n', answers.Select(answer => answer.Body).Distinct()));
            answers.Count(answer => answer.Header("Idempotent-Replayed") is null).ShouldBe(1, "one made it, the others were told");
        }

        (await nodes[0].IdsAsync("/v1/charges")).Count.ShouldBe(2);
        (await nodes[1].IdsAsync("/v1/events")).Count.ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_new_sandbox_key_that_all_nodes_meet_at_once_is_one_merchant()
    {
        using var folder = new TempFolder();
        await using var first = await Simulator.StartAsync(folder);
        await using var second = await Simulator.StartAsync(folder);
        Simulator[] nodes = [first, second];

        await Task.WhenAll(Enumerable.Range(0, 16).Select(async i => (await nodes[i % 2].MerchantWith(Key).ChargeAsync()).ShouldBe(200)));

        (await first.MerchantWith(Key).IdsAsync("/v1/charges")).Count.ShouldBe(16);
    }

    [PostgresFact]
    public async Task Changes_of_one_charge_through_several_nodes_all_stay()
    {
        using var folder = new TempFolder();
        await using var first = await Simulator.StartAsync(folder);
        await using var second = await Simulator.StartAsync(folder);
        Merchant[] nodes = [first.MerchantWith(Key), second.MerchantWith(Key)];
        var charge = (await nodes[0].ChargeAsync()).ShouldBe(200);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
            (await nodes[i % 2].PostAsync($"/v1/charges/{charge.Id}", ($"metadata[k{i}]", "v"))).ShouldBe(200)));

        (await nodes[0].GetAsync($"/v1/charges/{charge.Id}")).Json.GetProperty("metadata").EnumerateObject().Count().ShouldBe(20);
        (await nodes[0].IdsAsync("/v1/events?type=charge.updated")).Count.ShouldBe(20);
    }

    [PostgresFact]
    public async Task A_source_of_several_outcomes_goes_on_from_node_to_node()
    {
        using var folder = new TempFolder();
        await using var first = await Simulator.StartAsync(folder);
        await using var second = await Simulator.StartAsync(folder);
        Merchant[] nodes = [first.MerchantWith(Key), second.MerchantWith(Key)];
        var source = string.Join('|', Enumerable.Repeat("tok_chargeDeclined", 10).Append("tok_visa"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => nodes[i % 2].ChargeAsync(source)));

        answers.Count(answer => answer.Status == 402).ShouldBe(10);
    }

    [PostgresFact]
    public async Task Each_webhook_is_sent_once_by_whichever_node()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync();
        await using var first = await Simulator.StartAsync(folder);
        await using var second = await Simulator.StartAsync(folder);
        Merchant[] nodes = [first.MerchantWith(Key), second.MerchantWith(Key)];
        await nodes[0].AddEndpointAsync(receiver.Url);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(async i => (await nodes[i % 2].ChargeAsync()).ShouldBe(200)));

        await Eventually.HoldsAsync(
            async () => await Databases.CountAsync(folder, "SELECT COUNT(*) FROM deliveries WHERE status = 'succeeded'") == 60, "all webhooks have arrived");
        receiver.Requests.Select(request => request.Headers["webhook-id"]).Distinct().Count().ShouldBe(60);
        receiver.Requests.Count.ShouldBe(60);
    }

    [PostgresFact]
    public async Task What_waits_in_the_queue_for_long_is_given_no_second_job_by_any_nodes_sweep()
    {
        using var folder = new TempFolder();
        await using var receiver = await Receiver.StartAsync(async context =>
        {
            await Task.Delay(300);
            await Receiver.Status(200)(context);
        });
        string[] settings = ["--Jobs:Workers=2", "--Jobs:DeliveryBatch=1", "--Webhooks:SweepInterval=1h"];
        await using var first = await Simulator.StartAsync(folder, settings);
        await using var second = await Simulator.StartAsync(folder, settings);
        var merchant = first.MerchantWith(Key);
        await merchant.AddEndpointAsync(receiver.Url);

        // One or two at a time on each node take over four seconds; a sweep looks at what has been due for two.
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ => (await merchant.ChargeAsync()).ShouldBe(200)));
        var lost = 0;
        await Eventually.HoldsAsync(
            async () =>
            {
                lost += await first.SweepAsync() + await second.SweepAsync();
                return await Databases.CountAsync(folder, "SELECT COUNT(*) FROM deliveries WHERE status = 'succeeded'") == 40;
            },
            "all webhooks have arrived");

        lost.ShouldBe(0);
        receiver.Requests.Count.ShouldBe(40);
    }

    [PostgresFact]
    public async Task A_node_with_another_key_is_refused_and_one_with_the_same_key_is_not()
    {
        using var folder = new TempFolder();
        using var elsewhere = new TempFolder();
        await using var first = await Simulator.StartAsync(folder);
        var key = Convert.ToBase64String(await File.ReadAllBytesAsync(folder.File("paymentsim.key")));
        var there = $"--PaymentSim:DataDirectory={elsewhere.Path}";

        var without = await Should.ThrowAsync<StorageException>(Simulator.StartAsync(folder, there));
        without.Message.ShouldStartWith($"There is no {elsewhere.File("paymentsim.key")}, and a new key would not be the one");
        without.Message.ShouldContain("PaymentSim:SecretKey");
        File.Exists(elsewhere.File("paymentsim.key")).ShouldBeFalse("a key that nobody can use must not lie about");

        var other = await Should.ThrowAsync<StorageException>(Simulator.StartAsync(folder, there, $"--PaymentSim:SecretKey={Convert.ToBase64String(new byte[32])}"));
        other.Message.ShouldStartWith("PaymentSim:SecretKey is not the key that this database was made with");

        await using var same = await Simulator.StartAsync(folder, there, $"--PaymentSim:SecretKey={key}");
        await using var receiver = await Receiver.StartAsync();
        var secret = (await first.MerchantWith(Key).AddEndpointAsync(receiver.Url)).Secret;
        (await same.MerchantWith(Key).ChargeAsync()).ShouldBe(200);
        await receiver.WaitForAsync(1);
        receiver.Requests.Single().ShouldVerify(secret);
    }
}
