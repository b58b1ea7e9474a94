using PaymentSim.Tests.Support;
using Stripe;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>What moves money after a charge was made, with the official SDK.</summary>
public sealed class StripeMoneyTests(SimulatorFixture fixture) : IClassFixture<SimulatorFixture>
{
    private readonly StripeClient _client = new(fixture.Simulator.NewMerchant().Key, apiBase: fixture.Simulator.Url);

    [EngineFact]
    public async Task An_authorised_charge_is_captured_in_part()
    {
        var authorized = await ChargeAsync(capture: false);
        authorized.Captured.ShouldBeFalse();

        var charge = await _client.V1.Charges.CaptureAsync(authorized.Id, new ChargeCaptureOptions { Amount = 1500, StatementDescriptorSuffix = "17" });

        (charge.Captured, charge.AmountCaptured, charge.AmountRefunded, charge.StatementDescriptorSuffix).ShouldBe((true, 1500, 500, "17"));
        var again = await RefusedAsync(() => _client.V1.Charges.CaptureAsync(authorized.Id));
        (again.Code, again.Message).ShouldBe(("charge_already_captured", $"Charge {charge.Id} has already been captured."));
        (await RefusedAsync(async () => await _client.V1.Charges.CaptureAsync(
            (await ChargeAsync(capture: false)).Id, new ChargeCaptureOptions { Amount = 2001 }))).Code.ShouldBe("amount_too_large");
    }

    [EngineFact]
    public async Task The_balance_is_read_and_its_transactions_are_listed_and_read()
    {
        var (later, atOnce) = (await ChargeAsync(), await ChargeAsync("tok_bypassPending"));

        var balance = await _client.V1.Balance.GetAsync();
        (balance.Available.ShouldHaveSingleItem().Amount, balance.Pending.ShouldHaveSingleItem().Amount).ShouldBe((1912, 1912));
        balance.Available[0].SourceTypes["card"].ShouldBe(1912);

        var list = (await _client.V1.BalanceTransactions.ListAsync(new BalanceTransactionListOptions { Type = "charge", Currency = "usd", Limit = 5 })).Data;
        list.Select(transaction => transaction.SourceId).ShouldBe([atOnce.Id, later.Id]);
        var transaction = await _client.V1.BalanceTransactions.GetAsync(later.BalanceTransactionId);
        (transaction.Amount, transaction.Fee, transaction.Net, transaction.Status, transaction.FeeDetails[0].Type).ShouldBe((2000, 88, 1912, "pending", "stripe_fee"));
        transaction.AvailableOn.ShouldBe(later.Created.AddDays(2));
        (await _client.V1.BalanceTransactions.ListAsync(new BalanceTransactionListOptions { Source = later.Id })).ShouldHaveSingleItem().Id.ShouldBe(transaction.Id);
    }

    private Task<Charge> ChargeAsync(string source = "tok_visa", bool? capture = null) =>
        _client.V1.Charges.CreateAsync(new ChargeCreateOptions { Amount = 2000, Currency = "usd", Source = source, Capture = capture });

    private static async Task<StripeError> RefusedAsync<T>(Func<Task<T>> call)
    {
        var refused = await Should.ThrowAsync<StripeException>(call);
        ((int)refused.HttpStatusCode).ShouldBe(400);
        return refused.StripeError;
    }
}
