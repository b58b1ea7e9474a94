using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.TimeTravel;

/// <summary>
/// Moves the simulator's time. It steps from one time at which something is due to the next, and lets what is due there come to its end first: retries and
/// payments happen in the order in which they would have, each at its own time.
/// </summary>
internal sealed class TimeMachine(
    SimulatorClock clock, Database database, IJobScheduler jobs, DueWork work, DueDeliveries deliveries) : IDisposable
{
    /// <summary>In real time. After it the clock is where it was asked to be, and what is still under way goes on as it always does.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(5);

    /// <summary>How long what is due and does not get done is waited for: the simulator itself fails at it, or its endpoint is spared.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(300);

    private readonly SemaphoreSlim _turn = new(1);

    public void Dispose() => _turn.Dispose();

    public async Task FreezeAsync(CancellationToken cancellationToken)
    {
        using var turn = await TakeTurnAsync(cancellationToken);
        if (clock.Setting.FrozenAt is null) await SetAsync(Stopped(clock.GetUtcNow()));
    }

    /// <summary>It goes on from where it stands.</summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        using var turn = await TakeTurnAsync(cancellationToken);
        if (clock.Setting.FrozenAt is { } time) await SetAsync(Running(time));
    }

    /// <summary>Moves on by so much. Answers whether all that became due on the way has come to its end.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more: the clock stays where it has come to.</exception>
    public async Task<bool> AdvanceAsync(TimeSpan by, CancellationToken cancellationToken)
    {
        using var turn = await TakeTurnAsync(cancellationToken);
        var (started, before) = (clock.GetTimestamp(), clock.Setting);
        var runs = before.FrozenAt is null;
        var now = Whole(clock.GetUtcNow());
        var target = now + by;
        // It stands still at each step, so that all that happens there happens at that time.
        clock.Setting = Stopped(now);
        try
        {
            while (true)
            {
                var isDone = await FinishAsync(started, cancellationToken);
                if (now == target) return isDone;
                var next = isDone ? await NextAsync(now) : null;
                now = next is { } time && time < target ? time : target;
                // As it will be should the program end in the middle.
                await ClockStore.SaveAsync(database, runs ? Running(now) : Stopped(now));
                clock.Setting = Stopped(now);
            }
        }
        finally
        {
            // The real time that this took has passed here, too: it is ahead by exactly so much more.
            if (runs) await SetAsync(now == target ? new ClockSetting(before.Offset + by, null) : Running(now));
        }
    }

    /// <summary>Lets all that is due at this time come to its end. False: it took too long.</summary>
    private async Task<bool> FinishAsync(long started, CancellationToken cancellationToken)
    {
        var (left, seen, since) = (Array.Empty<string>(), false, clock.GetTimestamp());
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            jobs.RunPlanned();
            var now = clock.GetUtcNow();
            await database.EnqueueLostAsync(jobs, () => work.ListAsync(now), cancellationToken);
            await database.EnqueueLostAsync(jobs, () => deliveries.ListAsync(now), cancellationToken);
            while (!jobs.IsIdle)
            {
                if (clock.GetElapsedTime(started) > Patience) return false;
                await Task.Delay(LookAgain, cancellationToken);
            }

            // What was written without waiting for the disk is there when this is.
            await database.WriteAsync(() => Task.CompletedTask, cancellationToken);
            string[] due = [.. (await work.ListAsync(now)).Select(job => job.Key), .. (await deliveries.ListAsync(now)).Select(job => job.DeliveryId)];
            if (due.Length == 0) return true;
            if (!seen || !due.AsSpan().SequenceEqual(left)) (left, seen, since) = (due, true, clock.GetTimestamp());
            else if (clock.GetElapsedTime(since) > Stall) return true;
            if (clock.GetElapsedTime(started) > Patience) return false;
            await Task.Delay(LookAgain, cancellationToken);
        }
    }

    /// <summary>The next time at which something is due, or a job is planned that was put off.</summary>
    private async Task<DateTimeOffset?> NextAsync(DateTimeOffset after)
    {
        DateTimeOffset?[] times = [await work.NextAsync(after), await deliveries.NextAsync(after), jobs.NextPlanned is { } planned && Whole(planned) > after ? Whole(planned) : null];
        return times.Min();
    }

    private async Task SetAsync(ClockSetting setting)
    {
        await ClockStore.SaveAsync(database, setting);
        clock.Setting = setting;
    }

    private ClockSetting Running(DateTimeOffset now) => new(Whole(now) - Whole(clock.Reality.GetUtcNow()), null);

    private ClockSetting Stopped(DateTimeOffset now) => new(Whole(now) - Whole(clock.Reality.GetUtcNow()), Whole(now));

    /// <summary>In whole milliseconds, as it is stored.</summary>
    private static DateTimeOffset Whole(DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);

    private async Task<IDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        return new Turn(_turn);
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
