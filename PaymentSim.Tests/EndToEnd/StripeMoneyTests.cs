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

    private Task<Charge> ChargeAsync(string source = "tok_visa", bool? capture = null) =>
        _client.V1.Charges.CreateAsync(new ChargeCreateOptions { Amount = 2000, Currency = "usd", Source = source, Capture = capture });

    private static async Task<StripeError> RefusedAsync<T>(Func<Task<T>> call)
    {
        var refused = await Should.ThrowAsync<StripeException>(call);
        ((int)refused.HttpStatusCode).ShouldBe(400);
        return refused.StripeError;
    }
}
