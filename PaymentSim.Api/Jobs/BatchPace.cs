namespace PaymentSim.Api.Jobs;

/// <summary>
/// Decides how many of the deliveries that wait go into the next job. As long as few come, each gets a job of its own at once; when more come than
/// jobs are made, they share them.
/// </summary>
/// <param name="most">Deliveries in one job.</param>
internal sealed class BatchPace(int most)
{
    /// <summary>How many jobs may be made without a pause when there were few before.</summary>
    public const int Burst = 10;

    /// <summary>One job in this time goes on for ever, and takes the storage of jobs an eighth of what it can on two cores.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(40);

    /// <summary>The jobs that were made count as made one by one up to here.</summary>
    private TimeSpan _made = -Burst * Interval;

    /// <param name="waiting">Deliveries, at least one.</param>
    /// <param name="now">On any clock that only goes on.</param>
    /// <returns>How many of them go into a job now, or none and how long to wait for others.</returns>
    public (int Take, TimeSpan Wait) Next(int waiting, TimeSpan now)
    {
        var earliest = now - Burst * Interval;
        if (_made < earliest) _made = earliest;
        var jobs = (int)((now - _made) / Interval);
        var take = jobs >= waiting ? 1 : jobs >= 1 || waiting >= most ? Math.Min(waiting, most) : 0;
        if (take == 0) return (0, _made + Interval - now);

        _made += Interval;
        if (_made > now) _made = now;
        return (take, TimeSpan.Zero);
    }
}
