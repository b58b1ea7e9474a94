using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>How webhooks are sent, where an endpoint has no policy of its own.</summary>
/// <param name="Schedule">When failed attempts are made again.</param>
/// <param name="Timeout">How long an endpoint may take to answer, from connecting to the last byte.</param>
/// <param name="SweepInterval">How often deliveries without a job are looked for.</param>
public sealed record WebhookOptions(RetrySchedule Schedule, TimeSpan Timeout, TimeSpan SweepInterval)
{
    /// <summary>Whether webhooks may go to this machine and its networks; null: the host decides, and without one they may not.</summary>
    public bool? AllowPrivateNetworks { get; init; }

    /// <summary>What they may go to in any case.</summary>
    public AllowedHosts AllowedHosts { get; init; } = AllowedHosts.None;

    /// <summary>How long attempts are kept of deliveries that are over.</summary>
    public TimeSpan AttemptRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>An endpoint at which nothing has arrived for so long is disabled; null: never.</summary>
    public TimeSpan? DisableAfter { get; init; }

    /// <summary>When failed attempts of an endpoint are made again.</summary>
    public RetrySchedule ScheduleOf(WebhookEndpoint endpoint) => endpoint.RetrySchedule is { } own ? RetrySchedule.Parse(own) : Schedule;

    /// <summary>How long an endpoint may take to answer.</summary>
    public TimeSpan TimeoutOf(WebhookEndpoint endpoint) => endpoint.Timeout ?? Timeout;
}

/// <summary>The waits after the first, second, … failed attempt; when they are used up, the delivery has failed.</summary>
public sealed record RetrySchedule(IReadOnlyList<TimeSpan> Waits)
{
    /// <summary>Each wait is up to a tenth longer, so that endpoints that fail together are not retried together.</summary>
    private const double Jitter = 0.1;

    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(24);

    /// <summary>Reads <c>"5s,5m,30m,2h"</c>; an empty text means no retries.</summary>
    /// <exception cref="FormatException">A part is no duration.</exception>
    public static RetrySchedule Parse(string text) =>
        new([.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Duration.Parse)]);

    /// <summary>The time of the next attempt, or null when there is none.</summary>
    /// <param name="failures">Failed attempts so far, at least 1.</param>
    /// <param name="now">When the last one ended.</param>
    /// <param name="retryAfter">What the endpoint asked for; it can only lengthen the wait, to 24 hours at most.</param>
    /// <param name="chance">From 0 to 1: where in the jitter.</param>
    /// <returns>A whole second, never earlier than the wait: job engines plan by the second.</returns>
    public DateTimeOffset? Next(long failures, DateTimeOffset now, TimeSpan? retryAfter, double chance)
    {
        if (failures > Waits.Count) return null;

        var wait = Waits[(int)failures - 1] * (1 + Jitter * chance);
        var asked = retryAfter > LongestRetryAfter ? LongestRetryAfter : retryAfter;
        if (asked > wait) wait = asked.Value;
        var ticks = (now + wait).UtcTicks + TimeSpan.TicksPerSecond - 1;
        return new DateTimeOffset(ticks - ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero);
    }

    public override string ToString() => string.Join(",", Waits.Select(Duration.Format));
}
