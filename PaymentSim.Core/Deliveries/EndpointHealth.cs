using PaymentSim.Core.Events;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// Inside a write unit: notes whether anything arrives at an endpoint, and disables one that says it is gone or at which nothing has arrived for days.
/// </summary>
internal sealed class EndpointHealth(WebhookEndpointStore endpoints, EventLog events, SecretBox box, WebhookOptions options)
{
    public const int Gone = 410;

    /// <param name="endpoint">As it was when it was sent to: only where it was known to fail then there is something to note.</param>
    public Task SucceededAsync(WebhookEndpoint endpoint) => endpoint.FailingSince is null ? Task.CompletedTask : endpoints.EndFailingAsync(endpoint);

    /// <param name="asked">As it was when it was sent to.</param>
    public async Task FailedAsync(WebhookEndpoint asked, SendResult result, DateTimeOffset now)
    {
        // 410 Gone is the endpoint's way to say that it wants nothing any more.
        if (result.Status == Gone) await DisableAsync(asked, now, _ => "The endpoint answered 410 Gone.");
        else if (asked.FailingSince is null) await endpoints.BeginFailingAsync(asked, now);
        else if (options.DisableAfter is { } limit && now - asked.FailingSince >= limit)
            await DisableAsync(asked, now, endpoint => now - endpoint.FailingSince >= limit ? $"Nothing has arrived there since {endpoint.FailingSince:u}, for {Duration.Format(limit)}." : null);
    }

    /// <param name="why">Of the endpoint as it is now; null: it is not to be disabled after all.</param>
    private async Task DisableAsync(WebhookEndpoint asked, DateTimeOffset now, Func<WebhookEndpoint, string?> why)
    {
        // Read again: what its merchant changed meanwhile stays, and another URL did not fail.
        if (await endpoints.FindToChangeAsync(asked.MerchantId, asked.Id) is not { Status: WebhookEndpointStatus.Enabled } endpoint || endpoint.Url != asked.Url) return;
        if (why(endpoint) is not { } reason) return;

        var disabled = endpoint.Disabled(reason);
        await endpoints.UpdateAsync(disabled);
        var (before, after) = (EndpointPolicyObject.Of(endpoint, box, now), EndpointPolicyObject.Of(disabled, box, now));
        await events.AppendAsync(endpoint.MerchantId, EventTypes.WebhookEndpointDisabled, endpoint.Id, after, PreviousAttributes.Between(before, after));
    }
}
