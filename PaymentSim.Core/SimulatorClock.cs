namespace PaymentSim.Core;

/// <summary>How the simulator's time differs from the real one.</summary>
/// <param name="Offset">How far it is ahead while it runs.</param>
/// <param name="FrozenAt">Where it stands still; null: it runs.</param>
public sealed record ClockSetting(TimeSpan Offset, DateTimeOffset? FrozenAt)
{
    public static readonly ClockSetting Real = new(TimeSpan.Zero, null);
}

/// <summary>
/// The simulator's time, which tests can move on or stop. Timers and measured durations stay real: what waits for a socket waits no shorter. What other
/// machines compare with their own clocks goes by <see cref="Reality"/>.
/// </summary>
public sealed class SimulatorClock(TimeProvider reality) : TimeProvider
{
    private volatile ClockSetting _setting = ClockSetting.Real;

    /// <summary>The real time.</summary>
    public TimeProvider Reality => reality;

    public ClockSetting Setting
    {
        get => _setting;
        internal set => _setting = value;
    }

    public override long TimestampFrequency => reality.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => reality.LocalTimeZone;

    public override DateTimeOffset GetUtcNow()
    {
        var setting = _setting;
        return setting.FrozenAt ?? (reality.GetUtcNow() + setting.Offset);
    }

    public override long GetTimestamp() => reality.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        reality.CreateTimer(callback, state, dueTime, period);
}

internal static class ClockExtensions
{
    /// <summary>The real time behind the simulator's; any other clock is its own.</summary>
    public static TimeProvider Reality(this TimeProvider clock) => clock is SimulatorClock simulated ? simulated.Reality : clock;

    /// <summary>A time that the clock has just shown, as other machines' clocks show it.</summary>
    public static DateTimeOffset InReality(this TimeProvider clock, DateTimeOffset now) => clock is SimulatorClock { Setting: var setting } simulated
        ? setting.FrozenAt is null ? now - setting.Offset : simulated.Reality.GetUtcNow()
        : now;

    /// <summary>True where time does not pass by itself.</summary>
    public static bool StandsStill(this TimeProvider clock) => clock is SimulatorClock { Setting.FrozenAt: not null };
}
