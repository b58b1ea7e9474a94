using System.Net;
using PaymentSim.Core;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Webhooks;

/// <summary>Where webhooks may go.</summary>
public sealed class NetworkPolicyTests
{
    [Theory]
    [InlineData("0.0.0.0", "an unspecified address")]
    [InlineData("0.1.2.3", "an unspecified address")]
    [InlineData("9.255.255.255", null)]
    [InlineData("10.0.0.0", "a private address")]
    [InlineData("10.255.255.255", "a private address")]
    [InlineData("11.0.0.0", null)]
    [InlineData("100.63.255.255", null)]
    [InlineData("100.64.0.1", "a private address")]
    [InlineData("100.127.255.255", "a private address")]
    [InlineData("100.128.0.0", null)]
    [InlineData("127.0.0.1", "a loopback address")]
    [InlineData("127.255.255.254", "a loopback address")]
    [InlineData("128.0.0.1", null)]
    [InlineData("169.253.255.255", null)]
    [InlineData("169.254.169.254", "a link-local address")]
    [InlineData("172.15.255.255", null)]
    [InlineData("172.16.0.1", "a private address")]
    [InlineData("172.31.255.255", "a private address")]
    [InlineData("172.32.0.0", null)]
    [InlineData("192.0.0.1", "a reserved address")]
    [InlineData("192.0.2.1", "an address for documentation")]
    [InlineData("192.88.99.1", "a reserved address")]
    [InlineData("192.167.255.255", null)]
    [InlineData("192.168.1.1", "a private address")]
    [InlineData("192.169.0.0", null)]
    [InlineData("198.18.0.1", "an address for benchmarks")]
    [InlineData("198.19.255.255", "an address for benchmarks")]
    [InlineData("198.20.0.0", null)]
    [InlineData("198.51.100.7", "an address for documentation")]
    [InlineData("203.0.113.7", "an address for documentation")]
    [InlineData("8.8.8.8", null)]
    [InlineData("223.255.255.255", null)]
    [InlineData("224.0.0.1", "a multicast address")]
    [InlineData("239.255.255.255", "a multicast address")]
    [InlineData("240.0.0.1", "a reserved address")]
    [InlineData("255.255.255.255", "the broadcast address")]
    [InlineData("::", "an unspecified address")]
    [InlineData("::1", "a loopback address")]
    [InlineData("::2", "a reserved address")]
    [InlineData("::127.0.0.1", "a reserved address")]
    [InlineData("::8.8.8.8", "a reserved address")]
    [InlineData("::ffff:127.0.0.1", "a loopback address")]
    [InlineData("::ffff:10.1.2.3", "a private address")]
    [InlineData("::ffff:169.254.169.254", "a link-local address")]
    [InlineData("::ffff:8.8.8.8", null)]
    [InlineData("::ffff:0:8.8.8.8", "a reserved address")]
    [InlineData("64:ff9b::127.0.0.1", "a loopback address")]
    [InlineData("64:ff9b::10.1.2.3", "a private address")]
    [InlineData("64:ff9b::8.8.8.8", null)]
    [InlineData("64:ff9b:1::8.8.8.8", "a reserved address")]
    [InlineData("100::1", "a reserved address")]
    [InlineData("2001::1", "a reserved address")]
    [InlineData("2001:2::1", "a reserved address")]
    [InlineData("2001:db8::1", "an address for documentation")]
    [InlineData("2001:4860:4860::8888", null)]
    [InlineData("2002:7f00:1::", "a loopback address")]
    [InlineData("2002:a00:1::1", "a private address")]
    [InlineData("2002:c0a8:101::1", "a private address")]
    [InlineData("2002:808:808::1", null)]
    [InlineData("2606:4700::1111", null)]
    [InlineData("3fff::1", "an address for documentation")]
    [InlineData("4000::1", "a reserved address")]
    [InlineData("5f00::1", "a reserved address")]
    [InlineData("fc00::1", "a private address")]
    [InlineData("fd12:3456::1", "a private address")]
    [InlineData("fe80::1", "a link-local address")]
    [InlineData("fe80::1%2", "a link-local address")]
    [InlineData("febf::1", "a link-local address")]
    [InlineData("fec0::1", "a private address")]
    [InlineData("ff02::1", "a multicast address")]
    public void An_address_is_public_or_something_else(string address, string? what) => PublicAddress.WhyNot(IPAddress.Parse(address)).ShouldBe(what);

    [Theory]
    [InlineData("10.8.0.0/16", "10.8.1.2", true)]
    [InlineData("10.8.0.0/16", "::ffff:10.8.1.2", true)]
    [InlineData("10.8.0.0/16", "10.9.0.0", false)]
    [InlineData("10.8.7.6/16", "10.8.1.2", true)]
    [InlineData(" 10.1.2.3 ,fd00::/8", "10.1.2.3", true)]
    [InlineData(" 10.1.2.3 ,fd00::/8", "10.1.2.4", false)]
    [InlineData("10.1.2.3,fd00::/8", "fd00::1", true)]
    [InlineData("::1", "::1", true)]
    [InlineData("", "::1", false)]
    public void Allowed_are_addresses_and_networks(string allowed, string address, bool has) =>
        AllowedHosts.Parse(allowed).Has(IPAddress.Parse(address)).ShouldBe(has);

    [Theory]
    [InlineData("shop.internal", "SHOP.internal", true)]
    [InlineData("shop.internal", "my.shop.internal", false)]
    [InlineData("shop.internal", "internal", false)]
    public void Allowed_are_host_names(string allowed, string host, bool has) => AllowedHosts.Parse(allowed).Has(host).ShouldBe(has);

    [Theory]
    [InlineData("10.8.0.0/33")]
    [InlineData("http://shop.internal")]
    [InlineData("shop.internal:8080")]
    [InlineData("shop internal")]
    public void What_is_no_host_is_refused_by_name(string allowed) =>
        Should.Throw<FormatException>(() => AllowedHosts.Parse("127.0.0.1," + allowed)).Message.ShouldStartWith($"'{allowed}' is no host name, address or network");

    [EngineTheory]
    [InlineData("http://127.0.0.1/", "a loopback address")]
    [InlineData("http://127.1/", "a loopback address")]
    [InlineData("http://2130706433/", "a loopback address")]
    [InlineData("http://0x7f.1/", "a loopback address")]
    [InlineData("http://0177.0.0.01/", "a loopback address")]
    [InlineData("http://[::ffff:7f00:1]:8080/", "a loopback address")]
    [InlineData("http://[0:0:0:0:0:0:0:1]/", "a loopback address")]
    [InlineData("http://[fe80::1%25eth0]/", "a link-local address")]
    [InlineData("http://localhost:3000/hook", "a loopback address")]
    [InlineData("https://10.0.0.7/hook", "a private address")]
    [InlineData("http://169.254.169.254/latest/meta-data/", "a link-local address")]
    [InlineData("http://mixed.test/", "a private address")]
    [InlineData("https://8.8.8.8/", null)]
    [InlineData("http://public.test/", null)]
    [InlineData("http://unknown.invalid/", null)]
    [InlineData("http://shop.internal/", null)]
    [InlineData("http://10.8.1.2/", null)]
    public async Task A_URL_that_leads_elsewhere_is_refused_when_it_is_registered_and_when_it_is_changed(string url, string? reason)
    {
        using var folder = new TempFolder();
        using var core = new CoreHost(folder, network: Networks.Public("shop.internal,10.8.0.0/16", name => name switch
        {
            "mixed.test" => [IPAddress.Parse("8.8.8.8"), IPAddress.Parse("10.0.0.1")],
            "public.test" or "example.com" => [IPAddress.Parse("8.8.8.8")],
            "shop.internal" => [IPAddress.Parse("10.0.0.1")],
            _ => null,
        }));
        var made = await core.SendAsync(new CreateWebhookEndpoint { Url = "https://example.com/hook", EnabledEvents = ["*"] });
        var refusal = reason is null ? null : new Problem(
            ProblemKind.InvalidRequest,
            ProblemCode.UrlInvalid,
            $"Invalid URL: it leads to {reason}, and webhooks go to public ones alone (unless Webhooks:AllowedHosts names the host).") { Param = "url" };

        (await core.TryAsync(new CreateWebhookEndpoint { Url = url, EnabledEvents = ["*"] })).Refused.ShouldBe(refusal);
        (await core.TryAsync(new UpdateWebhookEndpoint(made.Id) { Url = url + "changed" })).Refused.ShouldBe(refusal);
        (await core.SendAsync(new GetWebhookEndpoint(made.Id))).Url.ShouldBe(reason is null ? url + "changed" : "https://example.com/hook");
        (await core.CountAsync("webhook_endpoints")).ShouldBe(reason is null ? 2 : 1);
        (await core.SendAsync(new UpdateWebhookEndpoint(made.Id) { Disabled = true })).Status.ShouldBe("disabled");
    }

    [EngineFact]
    public async Task Where_everything_is_allowed_no_name_is_looked_up()
    {
        using var folder = new TempFolder();
        using var core = new CoreHost(folder, network: new NetworkPolicy(
            AllowedHosts.None, _ => ValueTask.FromResult(true), (name, _) => throw new InvalidOperationException($"{name} was looked up.")));

        (await core.SendAsync(new CreateWebhookEndpoint { Url = "http://localhost:3000/", EnabledEvents = ["*"] })).Url.ShouldBe("http://localhost:3000/");
    }

    [Fact]
    public async Task A_name_server_that_does_not_answer_holds_nothing_up()
    {
        var never = new TaskCompletionSource<IPAddress[]>();
        var policy = new NetworkPolicy(AllowedHosts.None, _ => ValueTask.FromResult(false), (_, _) => never.Task);

        (await policy.WhyNotAsync("http://slow.test/", CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60))).ShouldBeNull();
    }
}
