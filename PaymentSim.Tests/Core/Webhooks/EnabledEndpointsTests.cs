using Microsoft.Extensions.DependencyInjection;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Webhooks;

/// <summary>What is remembered of a merchant's endpoints is never anything but what is on the disk.</summary>
public sealed class EnabledEndpointsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly CoreHost _core;
    private readonly Database _database;
    private readonly WebhookEndpointStore _endpoints;

    public EnabledEndpointsTests()
    {
        _core = new CoreHost(_folder);
        _database = _core.Services.GetRequiredService<Database>();
        _endpoints = _core.Services.GetRequiredService<WebhookEndpointStore>();
    }

    public Task InitializeAsync() => _database.WriteAsync(() => _database.ExecuteAsync(
        "INSERT INTO merchants (id, name, created_at) VALUES (@Merchant, 'Its endpoints are remembered', 0)", new { CoreHost.Merchant }));

    public Task DisposeAsync()
    {
        _core.Dispose();
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [EngineFact]
    public async Task Every_change_is_seen_by_the_next_unit()
    {
        (await ListAsync()).ShouldBeEmpty();

        await _database.WriteAsync(() => _endpoints.InsertAsync(Endpoint("we_1")));
        (await ListAsync()).ShouldBe(["we_1"]);
        await _database.WriteAsync(() => _endpoints.InsertAsync(Endpoint("we_2")));
        (await ListAsync()).ShouldBe(["we_1", "we_2"]);
        await _database.WriteAsync(() => _endpoints.UpdateAsync(Endpoint("we_1") with { Status = WebhookEndpointStatus.Disabled }));
        (await ListAsync()).ShouldBe(["we_2"]);
        await _database.WriteAsync(() => _endpoints.DeleteAsync(CoreHost.Merchant, "we_2"));
        (await ListAsync()).ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_change_that_is_rolled_back_is_not_remembered_even_if_its_unit_looked()
    {
        await Should.ThrowAsync<InvalidOperationException>(() => _database.WriteAsync(async () =>
        {
            await _endpoints.InsertAsync(Endpoint("we_1"));
            (await _endpoints.ListEnabledAsync(CoreHost.Merchant)).Count.ShouldBe(1);
            throw new InvalidOperationException("the unit fails");
        }));

        (await ListAsync()).ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task A_change_of_another_node_is_seen_by_the_next_unit()
    {
        using var other = new CoreHost(_folder);
        (await ListAsync()).ShouldBeEmpty();

        await other.Database.WriteAsync(() => other.Get<WebhookEndpointStore>().InsertAsync(Endpoint("we_1")));
        (await ListAsync()).ShouldBe(["we_1"]);
        await other.Database.WriteAsync(() => other.Get<WebhookEndpointStore>().UpdateAsync(Endpoint("we_1") with { Url = "http://127.0.0.1:2/" }));
        (await _endpoints.FindForSendingAsync(CoreHost.Merchant, "we_1")).ShouldNotBeNull().Url.ShouldBe("http://127.0.0.1:2/");
        await other.Database.WriteAsync(() => other.Get<WebhookEndpointStore>().DeleteAsync(CoreHost.Merchant, "we_1"));
        (await ListAsync()).ShouldBeEmpty();
    }

    /// <summary>The last run's answer, whose unit is the one that was committed.</summary>
    private Task<string[]> ListAsync() => _database.WriteAsync(async () =>
        (await _endpoints.ListEnabledAsync(CoreHost.Merchant)).Select(endpoint => endpoint.Id).Order(StringComparer.Ordinal).ToArray());

    private static WebhookEndpoint Endpoint(string id) => new()
    {
        Id = id,
        MerchantId = CoreHost.Merchant,
        Url = "http://127.0.0.1:1/",
        EnabledEvents = ["*"],
        Status = WebhookEndpointStatus.Enabled,
        ApiVersion = "2026-10-28.endive",
        PinnedVersion = false,
        Metadata = new Dictionary<string, string>(),
        Secret = "sealed:",
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
