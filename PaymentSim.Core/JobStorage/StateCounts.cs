using Hangfire.States;

namespace PaymentSim.Core.JobStorage;

/// <summary>
/// How many jobs each of the dashboard's lists holds, kept in step with the commits: every open dashboard asks every two seconds, and
/// counting a million rows takes longer than that should.
/// </summary>
internal sealed class StateCounts
{
    private static readonly HashSet<string> Listed =
    [
        ScheduledState.StateName, ProcessingState.StateName, SucceededState.StateName, FailedState.StateName, DeletedState.StateName,
        AwaitingState.StateName,
    ];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>Whether the dashboard has a list of jobs in this state; those that are enqueued are listed by queue.</summary>
    public static bool IsListed(string? state) => state is not null && Listed.Contains(state);

    public long this[string state]
    {
        get
        {
            lock (_lock) return _counts.GetValueOrDefault(state);
        }
    }

    public void Add(IEnumerable<KeyValuePair<string, long>> changes)
    {
        lock (_lock)
        {
            foreach (var (state, change) in changes) _counts[state] = _counts.GetValueOrDefault(state) + change;
        }
    }
}
