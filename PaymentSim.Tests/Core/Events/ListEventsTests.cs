using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Events;

public sealed class ListEventsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly CoreHost _core;

    public ListEventsTests() => _core = new CoreHost(_folder);

    public async Task InitializeAsync()
    {
        foreach (var source in new[] { "tok_visa", "tok_chargeDeclined", "btok_us_verified" })
            await _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(source) });
    }

    public Task DisposeAsync()
    {
        _core.Dispose();
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [EngineTheory]
    [InlineData("charge.succeeded", "charge.succeeded")]
    [InlineData("charge.*", "charge.pending charge.failed charge.succeeded")]
    [InlineData("*", "charge.pending charge.failed charge.succeeded")]
    [InlineData("*ed", "charge.failed charge.succeeded")]
    [InlineData("charge_succeeded", "")]
    [InlineData("charge.%", "")]
    [InlineData("!", "")]
    public async Task A_star_in_a_type_stands_for_any_characters_and_nothing_else_does(string type, string expected) =>
        (await TypesAsync(new ListEvents { Type = type })).ShouldBe(expected);

    [EngineFact]
    public async Task Several_types_can_be_asked_for() =>
        (await TypesAsync(new ListEvents { Types = ["charge.pending", "charge.failed", "x.y"] })).ShouldBe("charge.pending charge.failed");

    [EngineTheory]
    [InlineData(20, true)]
    [InlineData(21, false)]
    public async Task At_most_twenty_types_can_be_asked_for(int count, bool taken) =>
        (await _core.TryAsync(new ListEvents { Types = [.. Enumerable.Repeat("charge.failed", count)] })).Refused?.Param.ShouldBe(taken ? null : "types");

    [EngineFact]
    public async Task One_type_and_several_cannot_be_asked_for_together() =>
        (await _core.TryAsync(new ListEvents { Type = "charge.failed", Types = ["charge.failed"] })).Refused?.Kind.ShouldBe(ProblemKind.InvalidRequest);

    [EngineFact]
    public async Task Another_merchants_event_is_not_there()
    {
        var id = (await _core.SendAsync(new ListEvents())).Data[0].Id;

        (await _core.SendAsync(new GetEvent(id))).Id.ShouldBe(id);
        (await _core.TryAsync(new GetEvent(id), merchant: "acct_other")).Refused
            .ShouldBe(new Problem(ProblemKind.NotFound, ProblemCode.ResourceMissing, $"No such event: '{id}'") { Param = "id" });
        (await _core.SendAsync(new ListEvents(), merchant: "acct_other")).Data.ShouldBeEmpty();
    }

    private async Task<string> TypesAsync(ListEvents request) =>
        string.Join(' ', (await _core.SendAsync(request)).Data.Select(recorded => recorded.Type));
}
