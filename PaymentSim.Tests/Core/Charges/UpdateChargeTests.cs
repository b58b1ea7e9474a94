using System.Text.Json;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Charges;

public sealed class UpdateChargeTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly CoreHost _core;
    private ChargeObject _charge = null!;

    public UpdateChargeTests() => _core = new CoreHost(_folder);

    public async Task InitializeAsync() => _charge = (await _core.SendAsync(new CreateCharge
    {
        Amount = 2000,
        Currency = "usd",
        Source = ChargeSource.FromString("tok_visa"),
        Description = "before",
        Metadata = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" },
    })).Charge!;

    public Task DisposeAsync()
    {
        _core.Dispose();
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [EngineFact]
    public async Task What_is_given_changes_and_the_event_names_the_former_values()
    {
        var updated = await _core.SendAsync(new UpdateCharge(_charge.Id)
        {
            Description = "after", Metadata = new Dictionary<string, string> { ["a"] = "", ["b"] = "9", ["c"] = "3" },
        });

        updated.Metadata.ShouldBe(new Dictionary<string, string> { ["b"] = "9", ["c"] = "3" }, ignoreOrder: true);
        (updated with { Metadata = _charge.Metadata }).ShouldBeWire(_charge with { Description = "after" });
        (await _core.SendAsync(new GetCharge(_charge.Id))).ShouldBeWire(updated);
        var recorded = (await _core.SendAsync(new ListEvents { Type = "charge.updated" })).Data.Single();
        recorded.Data.PreviousAttributes.ShouldBeOfType<JsonElement>().GetRawText().ShouldBe("""{"description":"before","metadata":{"a":"1","b":"2","c":null}}""");
    }

    [EngineFact]
    public async Task An_empty_text_unsets()
    {
        (await _core.SendAsync(new UpdateCharge(_charge.Id) { Description = "" })).Description.ShouldBeNull();
    }

    [EngineFact]
    public async Task An_update_that_changes_nothing_is_no_event()
    {
        (await _core.SendAsync(new UpdateCharge(_charge.Id) { Description = "before" })).ShouldBeWire(_charge);

        (await _core.SendAsync(new ListEvents())).Data.Select(recorded => recorded.Type).ShouldBe(["charge.succeeded"]);
    }

    [EngineFact]
    public async Task Another_merchants_charge_cannot_be_changed()
    {
        (await _core.TryAsync(new UpdateCharge(_charge.Id) { Description = "mine" }, merchant: "acct_other")).Refused?.Kind.ShouldBe(ProblemKind.NotFound);

        (await _core.SendAsync(new GetCharge(_charge.Id))).ShouldBeWire(_charge);
    }
}
