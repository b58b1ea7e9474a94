namespace PaymentSim.Core.JobStorage;

/// <summary>Times as unix milliseconds. What the storage writes down never goes back, whatever the clock does.</summary>
internal sealed class JobClock(TimeProvider clock)
{
    private static readonly long Earliest = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long Latest = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private long _last;

    /// <summary>What the clock shows, for those who compare it with times of their own.</summary>
    public DateTime UtcDateTime => clock.GetUtcNow().UtcDateTime;

    /// <summary>The later of what the clock shows and what it has shown: a clock that is set back must not reorder histories or move expiry.</summary>
    public long Now()
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        while (true)
        {
            var last = Interlocked.Read(ref _last);
            if (now <= last) return last;
            if (Interlocked.CompareExchange(ref _last, now, last) == last) return now;
        }
    }

    /// <summary>The time that lies <paramref name="wait"/> ahead; the end of time where there is no such time.</summary>
    public long After(TimeSpan wait)
    {
        var now = Now();
        var milliseconds = (long)wait.TotalMilliseconds;
        return milliseconds > Latest - now ? Latest : now + milliseconds;
    }

    /// <summary>A damaged row's time may be no time at all: then it is the nearest one.</summary>
    public static DateTime ToDateTime(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, Earliest, Latest)).UtcDateTime;

    public static long FromDateTime(DateTime time) =>
        new DateTimeOffset(time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc)).ToUnixTimeMilliseconds();
}
