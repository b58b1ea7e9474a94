using System.Text.Json;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class BankDebitTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineTheory]
    [InlineData("btok_us_verified", "succeeded", "charge.succeeded", null)]
    [InlineData("pm_usBankAccount_insufficientFunds", "failed", "charge.failed", "insufficient_funds")]
    [InlineData("pm_usBankAccount_accountClosed", "failed", "charge.failed", "account_closed")]
    public async Task A_bank_debit_is_pending_until_the_bank_answers(string source, string status, string eventType, string? failure)
    {
        await using var receiver = await Receiver.StartAsync();
        await _merchant.AddEndpointAsync(receiver.Url);

        var pending = (await _merchant.ChargeAsync(source)).ShouldBe(200);
        pending.Text("status").ShouldBe("pending");
        pending.Text("paid").ShouldBe("False");
        pending.Text("payment_method_details.type").ShouldBe("us_bank_account");

        var webhooks = await receiver.WaitForAsync(2);
        webhooks.Select(request => JsonDocument.Parse(request.Body).RootElement.GetProperty("type").GetString())
            .ShouldBe(["charge.pending", eventType]);
        var charge = (await _merchant.GetAsync($"/v1/charges/{pending.Id}")).ShouldBe(200);
        charge.Text("status").ShouldBe(status);
        charge.Text("paid").ShouldBe(failure is null ? "True" : "False");
        charge.Number("amount_captured").ShouldBe(failure is null ? 2000 : 0);
        charge.Text("failure_code").ShouldBe(failure);
        JsonDocument.Parse(webhooks[1].Body).RootElement.At("data.object.status").GetString().ShouldBe(status);
        JsonDocument.Parse(webhooks[1].Body).RootElement.At("request.id").ValueKind.ShouldBe(JsonValueKind.Null);
        (await _merchant.IdsAsync("/v1/events")).Count.ShouldBe(2);
    }

    [EngineFact]
    public async Task A_pending_debit_is_settled_even_if_the_simulator_was_stopped_when_the_answer_was_due()
    {
        using var folder = new TempFolder();
        string key, id;
        await using (var first = await Simulator.StartAsync(folder))
        {
            var merchant = first.NewMerchant();
            (key, id) = (merchant.Key, (await merchant.ChargeAsync("btok_us_verified")).ShouldBe(200).Id);
        }

        await using var second = await Simulator.StartAsync(folder);
        await Eventually.HoldsAsync(
            async () => (await second.MerchantWith(key).GetAsync($"/v1/charges/{id}")).Text("status"), status => status == "succeeded", "the debit succeeds");
    }
}
