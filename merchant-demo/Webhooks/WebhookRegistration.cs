using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;

namespace MerchantDemo.Webhooks;

/// <summary>
/// Holds the webhook secret. If none is configured, tells PaymentSim in the background where to send webhooks and
/// keeps the secret it is given; the shop is open meanwhile.
/// </summary>
internal sealed class WebhookRegistration(
    ShopSettings settings,
    OrderStore store,
    PaymentSimClient paymentSim,
    IServer server,
    IHostApplicationLifetime lifetime,
    ILogger<WebhookRegistration> log) : BackgroundService
{
    private const string IdSetting = "webhook_endpoint_id";
    private const string UrlSetting = "webhook_endpoint_url";
    private const string SecretSetting = "webhook_endpoint_secret";

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private volatile WebhookSecret? _secret = settings.WebhookSecret;

    /// <summary>Null until the shop has one.</summary>
    public WebhookSecret? Secret => _secret;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.WebhookSecret is not null)
            return;

        await ServerStartedAsync(stoppingToken);
        if (stoppingToken.IsCancellationRequested)
            return;

        var publicUrl = settings.PublicUrl?.AbsoluteUri.TrimEnd('/') ?? server.ListeningAddress();
        var url = $"{publicUrl}/webhooks";

        // Used at once: webhooks may arrive before PaymentSim has confirmed that the endpoint still exists.
        if (store.Setting(SecretSetting) is { } stored && WebhookSecret.TryParse(stored, out var secret))
            _secret = secret;

        // The same key as long as no answer came: a registration whose answer was lost is not made twice.
        var idempotencyKey = NewKey();
        var lastProblem = "";
        for (var pause = TimeSpan.FromSeconds(1); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await EnsureRegisteredAsync(url, idempotencyKey, stoppingToken);
                return;
            }
            catch (Exception problem) when (
                problem is HttpRequestException or JsonException
                || (problem is OperationCanceledException && !stoppingToken.IsCancellationRequested))
            {
                if (problem is HttpRequestException { StatusCode: not null } or JsonException)
                    idempotencyKey = NewKey();
                if (problem.Message != lastProblem)
                    log.LogWarning("The webhook endpoint is not registered yet, trying again until it is: {Problem}", problem.Message);
                lastProblem = problem.Message;
            }

            await Task.Delay(pause, stoppingToken);
        }
    }

    private async Task EnsureRegisteredAsync(string url, string idempotencyKey, CancellationToken cancellation)
    {
        if (_secret is not null && store.Setting(IdSetting) is { } id && await paymentSim.WebhookEndpointExistsAsync(id, cancellation))
        {
            if (store.Setting(UrlSetting) == url)
                return;

            // The shop has moved, and nobody listens at the old address any more.
            await paymentSim.DeleteWebhookEndpointAsync(id, cancellation);
        }

        // A URL has one endpoint, and this one's secret is known to nobody any more.
        foreach (var lost in await paymentSim.FindWebhookEndpointsAsync(url, cancellation))
            await paymentSim.DeleteWebhookEndpointAsync(lost, cancellation);

        var endpoint = await paymentSim.RegisterWebhookEndpointAsync(
            url, idempotencyKey, WebhookEvent.StatusByType.Keys, cancellation);
        if (!WebhookSecret.TryParse(endpoint.Secret, out var secret))
            throw new JsonException("The answer holds no usable secret.");

        store.StoreSettings(new Dictionary<string, string>
        {
            [IdSetting] = endpoint.Id,
            [UrlSetting] = url,
            [SecretSetting] = endpoint.Secret,
        });
        _secret = secret;
        log.LogInformation("Webhook endpoint {EndpointId} is registered for {Url}", endpoint.Id, url);
    }

    private async Task ServerStartedAsync(CancellationToken cancellation)
    {
        // With port 0 the address is known only then. If the start fails there is nothing to do, and nothing to throw.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var _ = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static string NewKey() => $"webhook-endpoint-{Guid.NewGuid():n}";
}
