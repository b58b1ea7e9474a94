using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>How the endpoints of all merchants are doing, those that need a person first: for the dashboard.</summary>
/// <param name="Window">How far back deliveries are looked at.</param>
public sealed record SummarizeEndpoints(TimeSpan Window) : IQuery<EndpointsSummary>;

/// <summary>How all endpoints are doing.</summary>
public sealed record EndpointsSummary
{
    /// <summary>Those that need a person first.</summary>
    public required IReadOnlyList<EndpointSummary> Endpoints { get; init; }

    /// <summary>Deliveries that wait for their first attempt, for a retry, or for their endpoint to be enabled.</summary>
    public required DeliveryCount Pending { get; init; }

    /// <summary>Deliveries whose retries are used up.</summary>
    public required DeliveryCount Failed { get; init; }

    /// <summary>True where the window has more deliveries than were looked at: the newest ones.</summary>
    public required bool IsSample { get; init; }
}

/// <summary>How one endpoint is doing.</summary>
public sealed record EndpointSummary
{
    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    /// <summary>Null where the merchant is gone.</summary>
    public string? MerchantName { get; init; }

    public required string Url { get; init; }

    public required WebhookEndpointStatus Status { get; init; }

    /// <summary>Why it is disabled, where it was not the merchant's wish.</summary>
    public string? DisabledReason { get; init; }

    /// <summary>Attempts of the window that were answered with success.</summary>
    public long Succeeded { get; init; }

    /// <summary>Attempts of the window that failed.</summary>
    public long FailedAttempts { get; init; }

    /// <summary>The middle one of the attempts' durations, in milliseconds.</summary>
    public long? P50 { get; init; }

    /// <summary>What 95 of 100 attempts did not exceed, in milliseconds.</summary>
    public long? P95 { get; init; }

    /// <summary>Its deliveries that are still to be sent.</summary>
    public long Pending { get; init; }

    /// <summary>Its deliveries whose retries are used up.</summary>
    public long Failed { get; init; }

    /// <summary>The latest attempt that ended failed.</summary>
    public bool LatestFailed { get; init; }

    /// <summary>From 0 to 1; null where no attempt ended in the window.</summary>
    public double? SuccessRate => Succeeded + FailedAttempts == 0 ? null : (double)Succeeded / (Succeeded + FailedAttempts);

    /// <summary>A person should look: it was disabled by the simulator, or its latest attempt failed.</summary>
    public bool IsFailing => Status == WebhookEndpointStatus.Enabled ? LatestFailed : DisabledReason is not null;
}

internal sealed class SummarizeEndpointsHandler(Database database, TimeProvider clock) : IRequestHandler<SummarizeEndpoints, EndpointsSummary>
{
    // Together they keep the page at tens of milliseconds, whatever there is.
    private const int MostEndpoints = 5_000;
    private const int MostFailed = 100_000;

    /// <summary>Their index does not hold the endpoint: their rows have to be read.</summary>
    private const int MostPending = 20_000;

    private const int MostDeliveries = 10_000;
    private const int MostAttempts = 20_000;

    public async Task<EndpointsSummary> Handle(SummarizeEndpoints request, CancellationToken cancellationToken)
    {
        var endpoints = await database.QueryAsync<EndpointSummary>(
            """
            SELECT w.id, w.merchant_id, m.name AS merchant_name, w.url, w.status, w.disabled_reason
            FROM webhook_endpoints w LEFT JOIN merchants m ON m.id = w.merchant_id ORDER BY w.id DESC LIMIT @MostEndpoints
            """,
            new { MostEndpoints });
        var (pending, failed) = (await CountAsync(DeliveryStatus.Pending, MostPending), await CountAsync(DeliveryStatus.Failed, MostFailed));
        var attempts = await ListAttemptsAsync(clock.GetUtcNow() - request.Window);
        var byEndpoint = attempts.ToLookup(attempt => attempt.EndpointId);
        return new EndpointsSummary
        {
            Endpoints =
            [
                .. endpoints.Select(endpoint => Summarize(endpoint, byEndpoint[endpoint.Id]) with
                {
                    Pending = pending.GetValueOrDefault(endpoint.Id), Failed = failed.GetValueOrDefault(endpoint.Id),
                })
                .OrderByDescending(endpoint => endpoint.IsFailing).ThenByDescending(endpoint => endpoint.Failed).ThenByDescending(endpoint => endpoint.Pending)
                .ThenByDescending(endpoint => endpoint.Id, StringComparer.Ordinal),
            ],
            Pending = Total(pending, MostPending),
            Failed = Total(failed, MostFailed),
            IsSample = attempts.Count >= MostAttempts || attempts.Select(attempt => attempt.DeliveryId).Distinct().Count() >= MostDeliveries,
        };
    }

    private static EndpointSummary Summarize(EndpointSummary endpoint, IEnumerable<EndedAttempt> attempts)
    {
        var ended = attempts.ToList();
        if (ended.Count == 0) return endpoint;

        var durations = ended.Select(attempt => attempt.DurationMs).Order().ToArray();
        return endpoint with
        {
            Succeeded = ended.Count(attempt => attempt.Outcome == AttemptOutcome.Succeeded),
            FailedAttempts = ended.Count(attempt => attempt.Outcome == AttemptOutcome.Failed),
            P50 = Percentile(durations, 50),
            P95 = Percentile(durations, 95),
            LatestFailed = ended.MaxBy(attempt => attempt.StartedAt)!.Outcome == AttemptOutcome.Failed,
        };
    }

    private static DeliveryCount Total(Dictionary<string, long> counts, int most) => new(counts.Values.Sum(), IsAtLeast: counts.Values.Sum() >= most);

    /// <summary>The smallest that so many of a hundred do not exceed.</summary>
    private static long Percentile(long[] sorted, int percent) => sorted[Math.Max(0, (sorted.Length * percent + 99) / 100 - 1)];

    private async Task<Dictionary<string, long>> CountAsync(DeliveryStatus status, int most) => (await database.QueryAsync<Waiting>(
            // As a literal: only so is the state's own index used.
            $"""
            SELECT endpoint_id, COUNT(*) AS count
            FROM (SELECT endpoint_id FROM deliveries WHERE status = '{status.Wire()}' ORDER BY id DESC LIMIT @most) d GROUP BY endpoint_id
            """,
            new { most }))
        .ToDictionary(row => row.EndpointId, row => row.Count);

    private Task<IReadOnlyList<EndedAttempt>> ListAttemptsAsync(DateTimeOffset since) => database.QueryAsync<EndedAttempt>(
        """
        SELECT a.delivery_id, d.endpoint_id, a.outcome, COALESCE(a.duration_ms, 0) AS duration_ms, a.started_at
        FROM (SELECT id, endpoint_id FROM deliveries WHERE id >= @floor ORDER BY id DESC LIMIT @MostDeliveries) d
        JOIN delivery_attempts a ON a.delivery_id = d.id AND a.outcome IN ('succeeded', 'failed')
        LIMIT @MostAttempts
        """,
        new { floor = Ids.Floor("whd", since), MostDeliveries, MostAttempts });

    private sealed record Waiting
    {
        public required string EndpointId { get; init; }

        public long Count { get; init; }
    }

    private sealed record EndedAttempt
    {
        public required string DeliveryId { get; init; }

        public required string EndpointId { get; init; }

        public required AttemptOutcome Outcome { get; init; }

        public long DurationMs { get; init; }

        public long StartedAt { get; init; }
    }
}
