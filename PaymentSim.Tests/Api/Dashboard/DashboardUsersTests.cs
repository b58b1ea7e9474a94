using System.Net;
using DashboardRole = PaymentSim.Api.Hosting.DashboardRole;
using DashboardUsers = PaymentSim.Api.Hosting.DashboardUsers;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Dashboard;

/// <summary>A simulator whose dashboard has users.</summary>
public sealed class UsersFixture : SimulatorFixture
{
    protected override string[] Settings => ["--Dashboard:Users=vera:viewer:look-only-1 otto:operator:may:do:everything"];
}

/// <summary>People with names, who may look or do everything.</summary>
public sealed class DashboardUsersTests(UsersFixture fixture) : IClassFixture<UsersFixture>
{
    private const string Viewer = "vera:look-only-1";
    private const string Operator = "otto:may:do:everything";

    private readonly Simulator _simulator = fixture.Simulator;
    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineTheory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("vera")]
    [InlineData("vera:")]
    [InlineData("vera:wrong-password")]
    [InlineData("vera:may:do:everything")]
    [InlineData("Vera:look-only-1")]
    [InlineData("vera:viewer:look-only-1")]
    [InlineData("nobody:look-only-1")]
    [InlineData(":")]
    public async Task Who_is_not_named_is_asked_who_he_is_on_this_machine_too(string? credentials)
    {
        using var browser = new DashboardBrowser(_simulator, credentials);
        foreach (var path in new[] { "", "webhooks", "deliveries", "jobs/failed", "deliveries/replays" }) (await browser.StatusAsync(path)).ShouldBe(HttpStatusCode.Unauthorized, path);

        using var response = await _simulator.Http.GetAsync("/hangfire");
        response.Headers.WwwAuthenticate.ToString().ShouldBe("Basic realm=\"PaymentSim jobs\", charset=\"UTF-8\"");
        (await response.Content.ReadAsStringAsync()).ShouldNotContain("PaymentSim jobs");
    }

    [EngineTheory]
    [InlineData("Basic")]
    [InlineData("Basic %%%")]
    [InlineData("Basic dmVyYQ==")]
    [InlineData("Bearer dmVyYTpsb29rLW9ubHktMQ==")]
    [InlineData("Basic /////w==")]
    public async Task A_header_that_is_none_is_no_internal_error(string header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/hangfire");
        request.Headers.TryAddWithoutValidation("Authorization", header);
        using var response = await _simulator.Http.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [EngineTheory]
    [InlineData("Host", "sim.example:5080")]
    [InlineData("X-Forwarded-For", "203.0.113.9")]
    public async Task Those_who_are_named_come_from_anywhere(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/hangfire/deliveries");
        request.Headers.Add("Authorization", $"Basic {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Viewer))}");
        if (header == "Host") request.Headers.Host = value;
        else request.Headers.Add(header, value);
        using var response = await _simulator.Http.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [EngineFact]
    public async Task A_viewer_sees_everything_and_changes_nothing()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var (eventId, id) = await FailAsync(receiver);
        using var viewer = new DashboardBrowser(_simulator, Viewer);
        var (job, _) = await viewer.FindJobAsync("jobs/failed", eventId);

        (await viewer.PageAsync($"deliveries/{id}")).ShouldContain($"HTTP 500 from {receiver.Url}");
        foreach (var path in new[] { "deliveries", $"deliveries/{id}", $"deliveries/replay-all?about={id}", $"jobs/details/{job}", "deliveries/replays" })
        {
            (await viewer.SourceAsync(path)).ShouldNotContain("method=\"post\"", customMessage: path);
        }

        (await viewer.SubmitAsync("deliveries", "deliveries/replay", true, ("deliveries", id), ("back", "/deliveries"))).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await viewer.SubmitAsync("deliveries", "deliveries/replay-all/start", true, ("about", id))).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await viewer.SubmitAsync("deliveries", "deliveries/replays/stop", true, ("run", "rpl_1"))).Status.ShouldBe(HttpStatusCode.Forbidden);
        ((int)await viewer.PressAsync("jobs/failed", "jobs/failed/requeue", jobs: job)).ShouldBeInRange(401, 403);
        ((int)await viewer.PressAsync("jobs/failed", "jobs/failed/delete", jobs: job)).ShouldBeInRange(401, 403);
        ((int)await viewer.PressAsync("jobs/failed", $"jobs/actions/requeue/{job}")).ShouldBeInRange(401, 403);
        (await _merchant.DeliveryAsync(eventId, "failed")).At("attempts").GetArrayLength().ShouldBe(3);
        receiver.Requests.Count.ShouldBe(3);
    }

    [EngineFact]
    public async Task An_operator_replays_with_the_pages_token_alone()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Status(500));
        var (eventId, id) = await FailAsync(receiver);
        using var person = new DashboardBrowser(_simulator, Operator);
        receiver.Answer = Receiver.Status(200);

        (await person.SubmitAsync("deliveries", "deliveries/replay", withToken: false, ("deliveries", id))).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await person.SubmitAsync("deliveries", "deliveries/replay-all/start", true, ("about", id))).Status.ShouldBe(HttpStatusCode.SeeOther);

        await _merchant.DeliveryAsync(eventId, "succeeded");
        (await person.PageAsync("deliveries/replays")).ShouldContain("by otto");
    }

    [EngineFact]
    public async Task A_token_of_one_person_is_none_of_anothers()
    {
        using var viewer = new DashboardBrowser(_simulator, Viewer);
        using var person = new DashboardBrowser(_simulator, Operator);
        var html = await viewer.SourceAsync("deliveries");
        var token = System.Text.RegularExpressions.Regex.Match(html, "<meta name=\"csrf-token\" content=\"([^\"]+)\"").Groups[1].Value;

        var answer = await person.SubmitAsync("deliveries", "deliveries/replay", withToken: false, ("__RequestVerificationToken", token));

        answer.Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("vera", "user 1 is not written as name:role:password")]
    [InlineData("vera:viewer", "user 1 is not written as name:role:password")]
    [InlineData(":viewer:long-enough", "user 1 is not written as name:role:password")]
    [InlineData("a:viewer:long-enough b:admin:long-enough", "the role of user 2 must be viewer or operator")]
    [InlineData("a:0:long-enough", "the role of user 1 must be viewer or operator")]
    [InlineData("a:viewer:short", "the password of user 1 must have 8 characters at least")]
    [InlineData("a:viewer:long-enough a:operator:long-enough", "user 2 has the name of another one")]
    public void Users_that_cannot_be_read_are_refused_without_their_passwords(string text, string reason) =>
        Should.Throw<FormatException>(() => DashboardUsers.Parse(text)).Message.ShouldBe(reason);

    [Fact]
    public void A_setting_of_users_is_read_and_shows_no_password()
    {
        var users = DashboardUsers.Parse("  vera:Viewer:look-only-1\n otto:operator:a:b:c:d:e ");

        (users.Find("vera", "look-only-1"), users.Find("otto", "a:b:c:d:e"), users.Find("otto", "look-only-1"), users.Find("", "")).ShouldBe(
            (DashboardRole.Viewer, DashboardRole.Operator, null, null));
        users.IsEmpty.ShouldBeFalse();
        DashboardUsers.Parse("").IsEmpty.ShouldBeTrue();
        users.ToString()!.ShouldNotContain("look-only");
    }

    private async Task<(string EventId, string DeliveryId)> FailAsync(Receiver receiver)
    {
        await _merchant.AddEndpointAsync(receiver.Url);
        (await _merchant.ChargeAsync()).ShouldBe(200);
        var made = await _merchant.EventAsync("charge.succeeded");
        return (made.Id, (await _merchant.DeliveryAsync(made.Id, "failed")).GetProperty("id").GetString()!);
    }
}
