using System.Collections.Concurrent;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>How much of the simulator one endpoint may take.</summary>
/// <param name="Senders">How many jobs can send at the same time, for all endpoints together.</param>
/// <param name="Breaker">After so many attempts in a row without an answer in time, an endpoint is only probed. 0: never.</param>
public sealed record LaneOptions(int Senders, int Breaker)
{
    /// <summary>Longer than this without any answer while some are awaited: nobody waits for the next one.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Of the jobs that wait, for all endpoints together, about so many ask again in a second: what they cost depends on where jobs are kept.</summary>
    public int Returns { get; init; } = 50;
}

/// <summary>
/// Keeps endpoints apart, so that one that hangs, is slow or asks to be left alone holds up its own webhooks and nobody else's. One that answers quickly may
/// be sent to by most of the senders; one that does not, by few, and by one at a time once it has not answered for several times (its circuit is open,
/// and each probe that gets an answer closes it). What may not be sent now comes back later, which is no attempt and uses up no retry. All in this process's memory: nodes learn
/// each for themselves.
/// </summary>
internal sealed class EndpointLanes(LaneOptions options, TimeProvider clock)
{
    /// <summary>Answers that take longer are slow: what holds senders up is time, not failure.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestAskedPause = TimeSpan.FromHours(1);

    /// <summary>Of lanes that nobody is in, so many are remembered.</summary>
    private const int MostIdle = 10_000;

    private const string Busy = "the endpoint answers slowly, and others are being sent to it";

    private readonly ConcurrentDictionary<string, Lane> _lanes = new();
    private readonly LaneReturns _returns = new();
    private int _slowSenders;

    private int MostInFastLane => Math.Max(1, options.Senders * 3 / 4);

    private int MostInNewLane => Math.Max(1, options.Senders / 4);

    private int MostInSlowLane => Math.Max(1, options.Senders / 8);

    private int MostInSlowLanes => Math.Max(1, options.Senders / 2);

    /// <summary>
    /// Lets one sender with up to so many webhooks for this endpoint in, or says from when on they are worth another try. Waits a moment where the endpoint is
    /// answering and others are just being sent to it.
    /// </summary>
    /// <param name="endpoint">Where to, and how many it takes in a second.</param>
    /// <param name="count">How many webhooks this sender has for it, at least one.</param>
    /// <param name="waited">For how long the oldest of them could have been sent already.</param>
    /// <param name="byPerson">A person asked for it: it is sent also to one that is left alone.</param>
    public async ValueTask<LanePass> EnterAsync(WebhookEndpoint endpoint, int count, TimeSpan waited, bool byPerson, CancellationToken cancellationToken)
    {
        var lane = LaneOf(endpoint.Id);
        Task? turn;
        LanePass? pass;
        lock (lane) (pass, turn) = Try(lane, endpoint, count, waited, byPerson, mayWait: true);
        while (pass is null)
        {
            var next = turn!;
            var mayWait = true;
            try
            {
                await next.WaitAsync(options.Stall, clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                mayWait = false;
            }

            lock (lane) (pass, turn) = Try(lane, endpoint, count, waited, byPerson, mayWait);
        }

        return pass;
    }

    private (LanePass? Pass, Task? Turn) Try(Lane lane, WebhookEndpoint endpoint, int count, TimeSpan waited, bool byPerson, bool mayWait)
    {
        var now = clock.GetUtcNow();
        var (most, isSlow) = (count, lane.IsSlow || IsStalled(lane));
        if (!byPerson && lane.ClosedUntil is { } until)
        {
            if (until > now || lane.Senders > 0) return (Pass(0, lane.Reason!, until), null);
            // Half open: one webhook finds out.
            most = 1;
        }

        var senders = isSlow ? MostInSlowLane : lane.HasAnswered ? MostInFastLane : MostInNewLane;
        if (lane.Senders >= senders || (isSlow && _slowSenders >= MostInSlowLanes))
        {
            lane.Filled(now.ToUnixTimeSeconds());
            if (isSlow || !mayWait) return (Pass(0, Busy, now), null);
            lane.Turn ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (null, lane.Turn.Task);
        }

        var why = lane.ClosedUntil is null ? Busy : lane.Reason!;
        if (isSlow) most = Math.Min(most, MostInSlowLane);
        if (endpoint.RateLimit is { } limit)
        {
            var room = lane.RoomIn(now.ToUnixTimeSeconds(), limit);
            if (room < most) why = $"the endpoint takes {limit} a second";
            if (room <= 0) return (Pass(0, why, now), null);
            most = (int)Math.Min(most, room);
            lane.Sent += most;
        }

        if (isSlow) Interlocked.Increment(ref _slowSenders);
        lane.Senders++;
        if (lane.Senders == 1) lane.LastProgress = clock.GetTimestamp();
        return (Pass(most, why, now), null);

        LanePass Pass(int granted, string reason, DateTimeOffset earliest)
        {
            // Each time twice as late, as long as it waits.
            var spread = waited < ShortestWait ? ShortestWait : waited > LongestPause ? LongestPause : waited;
            return new LanePass(this, lane, granted, isSlow)
            {
                Reason = reason,
                Earliest = earliest > now + ShortestWait ? earliest : now + ShortestWait,
                Spread = spread,
                RateLimit = endpoint.RateLimit,
                Pace = isSlow ? null : lane.PaceAt(now.ToUnixTimeSeconds()),
            };
        }
    }

    private bool IsStalled(Lane lane) => lane.Senders > 0 && clock.GetElapsedTime(lane.LastProgress) > options.Stall;

    private Lane LaneOf(string endpointId)
    {
        if (_lanes.TryGetValue(endpointId, out var known)) return known;
        if (_lanes.Count >= MostIdle) Forget();
        return _lanes.GetOrAdd(endpointId, static _ => new Lane());
    }

    /// <summary>A lane that is forgotten while somebody is about to enter it is only less full than it seems.</summary>
    private void Forget()
    {
        foreach (var (id, lane) in _lanes)
        {
            if (lane is { Senders: 0, ClosedUntil: null }) _lanes.TryRemove(id, out _);
        }
    }

    /// <summary>When those that may not be sent now, and stay together, are worth another try.</summary>
    /// <param name="count">How many they are.</param>
    internal DateTimeOffset ComeBack(Lane lane, LanePass pass, int count)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var back = Booked() ?? pass.Earliest + Shorter(pass.Spread, TimeSpan.FromSeconds((double)_returns.Waiting(now) / options.Returns)) * lane.NextShare();
        _returns.Add(now, back.ToUnixTimeSeconds());
        return back;

        DateTimeOffset? Booked()
        {
            if (pass.RateLimit is { } limit) return Book(DateTimeOffset.MaxValue, limit);
            // One after the other as fast as it takes them, and a little faster, so that it is never idle while some wait.
            return pass.Pace is { } pace ? Book(pass.Earliest + pass.Spread, pace + pace / 4 + 1) : null;
        }

        DateTimeOffset? Book(DateTimeOffset latest, long limit)
        {
            lock (lane) return lane.Book(pass.Earliest.ToUnixTimeSeconds(), latest.ToUnixTimeSeconds(), limit, count) is { } second ? DateTimeOffset.FromUnixTimeSeconds(second) : null;
        }
    }

    /// <summary>Few that wait ask often, so that none waits long once its endpoint is back; many cost no more than few.</summary>
    private static TimeSpan Shorter(TimeSpan spread, TimeSpan byCrowd) => byCrowd < ShortestWait ? ShortestWait : byCrowd < spread ? byCrowd : spread;

    /// <summary>An attempt has come to its end, and the endpoint shows by it how it is.</summary>
    internal void Answered(Lane lane, SendResult result)
    {
        lock (lane)
        {
            lane.LastProgress = clock.GetTimestamp();
            lane.Counted(clock.GetUtcNow().ToUnixTimeSeconds());
            if (result.ErrorClass == SendErrorClass.Timeout)
            {
                (lane.IsSlow, lane.Unanswered) = (true, lane.Unanswered + 1);
                if (options.Breaker > 0 && lane.Unanswered >= options.Breaker) Close(lane);
                return;
            }

            (lane.HasAnswered, lane.Unanswered, lane.ClosedUntil) = (true, 0, null);
            lane.IsSlow = result.Duration > Slow;
            if (result.RetryAfter is not { } asked || asked <= TimeSpan.Zero) return;
            lane.ClosedUntil = clock.GetUtcNow() + (asked < LongestAskedPause ? asked : LongestAskedPause);
            lane.Reason = $"the endpoint answered {result.Status} and asked to be left alone for {Duration.Format(TimeSpan.FromSeconds(Math.Ceiling(asked.TotalSeconds)))}";
        }
    }

    internal void Leave(Lane lane, bool isSlow)
    {
        TaskCompletionSource? turn;
        lock (lane)
        {
            lane.Senders--;
            (turn, lane.Turn) = (lane.Turn, null);
        }

        if (isSlow) Interlocked.Decrement(ref _slowSenders);
        turn?.SetResult();
    }

    private void Close(Lane lane)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(lane.Unanswered - options.Breaker, 10));
        lane.ClosedUntil = clock.GetUtcNow() + (pause < LongestPause ? pause : LongestPause);
        lane.Reason = $"the endpoint did not answer {lane.Unanswered} times in a row, and is tried by one webhook at a time";
    }

    /// <summary>What is known of one endpoint; locked by itself.</summary>
    internal sealed class Lane
    {
        private int _shares;
        private long _second;
        private (long Second, long Count) _booked;
        private (long Second, long Count, bool IsFull) _ended;
        private (long Second, long Count, bool IsFull) _former;

        /// <summary>Jobs that are sending to it.</summary>
        public int Senders { get; set; }

        public bool HasAnswered { get; set; }

        public bool IsSlow { get; set; }

        /// <summary>Attempts in a row without an answer in time.</summary>
        public int Unanswered { get; set; }

        /// <summary>Nothing is sent to it before; once that is over, one probe.</summary>
        public DateTimeOffset? ClosedUntil { get; set; }

        public string? Reason { get; set; }

        /// <summary>When an answer came, or the first of those that are awaited was sent.</summary>
        public long LastProgress { get; set; }

        /// <summary>Is completed when a sender leaves.</summary>
        public TaskCompletionSource? Turn { get; set; }

        /// <summary>In the present second, where the endpoint takes only so many in one.</summary>
        public long Sent { get; set; }

        /// <summary>How many more the endpoint takes in this second.</summary>
        public long RoomIn(long second, long limit)
        {
            if (second != _second) (_second, Sent) = (second, 0);
            return limit - Sent;
        }

        /// <summary>Somebody found no place in it.</summary>
        public void Filled(long second)
        {
            CountIn(second);
            _ended.IsFull = true;
        }

        /// <summary>An attempt has come to its end.</summary>
        public void Counted(long second)
        {
            CountIn(second);
            _ended.Count++;
        }

        /// <summary>How many attempts came to their end in the second before, where the endpoint was given all that it may have; null where it was not.</summary>
        public long? PaceAt(long second)
        {
            CountIn(second);
            return _former is { IsFull: true, Count: > 0 } && _former.Second == second - 1 ? _former.Count : null;
        }

        /// <summary>The first second from this one on for which fewer are planned than the endpoint takes; these fill it and those after it.</summary>
        public long? Book(long second, long latest, long limit, int count)
        {
            var booked = _booked.Second < second ? (Second: second, Count: 0L) : _booked;
            if (booked.Count >= limit) booked = (booked.Second + 1, 0);
            if (booked.Second > latest) return null;
            var last = booked.Count + count - 1;
            _booked = (booked.Second + last / limit, last % limit + 1);
            return booked.Second;
        }

        /// <summary>What is counted from now on belongs to this second.</summary>
        private void CountIn(long second)
        {
            if (second != _ended.Second) (_former, _ended) = (_ended, (second, 0, false));
        }

        /// <summary>From 0 to 1, spread evenly: those that come back do not all come at once.</summary>
        public double NextShare() => (uint)Interlocked.Increment(ref _shares) * 0.618033988749895 % 1;
    }
}
