using PaymentSim.Core;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Webhooks;

public sealed class WebhookEndpointTests : IDisposable
{
    private const string Url = "https://example.com/hook";

    private readonly TempFolder _folder = new();
    private readonly CoreHost _core;

    public WebhookEndpointTests() => _core = new CoreHost(_folder);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineTheory]
    [InlineData("http://localhost:3000/webhook", true)]
    [InlineData("https://example.com", true)]
    [InlineData("http://[::1]:8080/?a=b", true)]
    [InlineData("ftp://example.com/", false)]
    [InlineData("example.com/hook", false)]
    [InlineData("/hook", false)]
    [InlineData("http://", false)]
    [InlineData("https://user:secret@example.com/", false)]
    [InlineData("https://example.com/#part", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("file:///etc/passwd", false)]
    public async Task An_endpoint_is_an_absolute_http_address(string url, bool taken)
    {
        (UrlPolicy.Refuse(url) is null).ShouldBe(taken);
        var answer = await _core.TryAsync(new CreateWebhookEndpoint { Url = url, EnabledEvents = ["*"] });
        (answer.Refused?.Code, answer.Refused?.Param).ShouldBe(taken ? (null, null) : (ProblemCode.UrlInvalid, "url"));
    }

    [EngineTheory]
    [InlineData(2048, true)]
    [InlineData(2049, false)]
    public void An_address_has_at_most_2048_characters(int length, bool taken) =>
        (UrlPolicy.Refuse("https://example.com/".PadRight(length, 'x')) is null).ShouldBe(taken);

    [EngineTheory]
    [InlineData(null, null, "url", "Missing required param: url.")]
    [InlineData("", null, "url", "Missing required param: url.")]
    [InlineData(Url, null, "enabled_events", "Missing required param: enabled_events.")]
    [InlineData(Url, "", "enabled_events", "enabled_events must name 1 to 250 event types; use * for all.")]
    [InlineData(Url, "charge.succeeded nonsense", "enabled_events[1]", "Invalid enabled_events[1]: an event type looks like charge.succeeded or charge.*, or is * for all.")]
    [InlineData(Url, "charge.succeeded\n", "enabled_events[0]", "Invalid enabled_events[0]: an event type looks like charge.succeeded or charge.*, or is * for all.")]
    [InlineData(Url, "Charge.Succeeded", "enabled_events[0]", "Invalid enabled_events[0]: an event type looks like charge.succeeded or charge.*, or is * for all.")]
    public async Task What_cannot_be_registered_is_refused_by_name(string? url, string? events, string param, string message)
    {
        var answer = await _core.TryAsync(new CreateWebhookEndpoint { Url = url, EnabledEvents = events?.Split(' ', StringSplitOptions.RemoveEmptyEntries) });

        (answer.Refused?.Kind, answer.Refused?.Param, answer.Refused?.Message).ShouldBe((ProblemKind.InvalidRequest, param, message));
        (await _core.CountAsync("webhook_endpoints")).ShouldBe(0);
    }

    [EngineFact]
    public async Task An_event_type_given_as_null_is_refused_too()
    {
        var answer = await _core.TryAsync(new CreateWebhookEndpoint { Url = Url, EnabledEvents = [null!] });

        answer.Refused?.Param.ShouldBe("enabled_events[0]");
    }

    [EngineFact]
    public async Task An_endpoint_is_changed_in_what_is_given_alone()
    {
        var made = await _core.SendAsync(new CreateWebhookEndpoint
        {
            Url = Url, EnabledEvents = ["charge.succeeded", "charge.succeeded"], Description = "d", Metadata = new Dictionary<string, string> { ["a"] = "1" },
        });
        made.EnabledEvents.ShouldBe(["charge.succeeded"]);

        var changed = await _core.SendAsync(new UpdateWebhookEndpoint(made.Id) { Disabled = true, EnabledEvents = ["*"] });

        changed.ShouldBeWire(made with { Status = "disabled", EnabledEvents = ["*"], Secret = null });
        (await _core.SendAsync(new GetWebhookEndpoint(made.Id))).ShouldBeWire(changed);
        (await _core.SendAsync(new UpdateWebhookEndpoint(made.Id) { Disabled = false, Description = "" }))
            .ShouldBeWire(changed with { Status = "enabled", Description = null });
    }

    [EngineFact]
    public async Task Another_merchants_endpoint_is_not_there()
    {
        var made = await _core.SendAsync(new CreateWebhookEndpoint { Url = Url, EnabledEvents = ["*"] });
        var missing = new Problem(ProblemKind.NotFound, ProblemCode.ResourceMissing, $"No such webhook endpoint: '{made.Id}'") { Param = "id" };

        (await _core.TryAsync(new GetWebhookEndpoint(made.Id), merchant: "acct_other")).Refused.ShouldBe(missing);
        (await _core.TryAsync(new UpdateWebhookEndpoint(made.Id) { Url = "https://evil.example/" }, merchant: "acct_other")).Refused.ShouldBe(missing);
        (await _core.TryAsync(new DeleteWebhookEndpoint(made.Id), merchant: "acct_other")).Refused.ShouldBe(missing);
        (await _core.SendAsync(new ListWebhookEndpoints(), merchant: "acct_other")).Data.ShouldBeEmpty();
        (await _core.SendAsync(new GetWebhookEndpoint(made.Id))).Url.ShouldBe(Url);
    }

    [EngineFact]
    public async Task A_deleted_endpoint_is_gone()
    {
        var made = await _core.SendAsync(new CreateWebhookEndpoint { Url = Url, EnabledEvents = ["*"] });

        (await _core.SendAsync(new DeleteWebhookEndpoint(made.Id))).ShouldBe(new DeletedObject(made.Id, "webhook_endpoint"));

        (await _core.TryAsync(new GetWebhookEndpoint(made.Id))).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
        (await _core.TryAsync(new DeleteWebhookEndpoint(made.Id))).Refused?.Kind.ShouldBe(ProblemKind.NotFound);
    }
}
