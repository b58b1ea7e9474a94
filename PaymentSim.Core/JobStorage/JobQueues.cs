using System.Collections.Immutable;

namespace PaymentSim.Core.JobStorage;

/// <summary>
/// Which entries of the queues are ready and which ones workers have. It lives in memory only: this process owns the file, so a fetch
/// needs no write, and after a crash every entry that was not acknowledged is ready again. Rows get in once they are on the disk.
/// </summary>
internal sealed class JobQueues(JobClock clock)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly LinkedList<Waiter> _waiters = [];

    /// <summary>Adds entries, or gives back those that a worker had: each keeps its place in the order.</summary>
    public void Add(IEnumerable<QueueEntry> entries)
    {
        lock (_lock)
        {
            foreach (var entry in entries) Add(entry);
        }
    }

    /// <summary>Gives back what a worker had; without effect once it is acknowledged.</summary>
    public void GiveBack(QueueEntry entry)
    {
        lock (_lock)
        {
            if (LineOf(entry.Queue).Fetched.Remove(entry.Number)) Add(entry);
        }
    }

    /// <summary>An entry is acknowledged: its row is gone.</summary>
    public void Remove(QueueEntry entry)
    {
        lock (_lock)
        {
            var line = LineOf(entry.Queue);
            line.Fetched.Remove(entry.Number);
            line.Ready.Remove(entry);
        }
    }

    /// <summary>Takes the first entry of the first of these queues that has one; waits for one where none has.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public QueueEntry Take(string[] queues, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_lock)
        {
            foreach (var queue in queues)
            {
                var line = LineOf(queue);
                if (line.Ready.Min is not { } first) continue;
                line.Ready.Remove(first);
                line.Fetched[first.Number] = new FetchedEntry(first, clock.Now());
                return first;
            }

            waiter = new Waiter(queues);
            // The last to come is the first to get one: a few threads stay warm, and the others sleep on.
            _waiters.AddFirst(waiter.Node);
        }

        using (cancellationToken.UnsafeRegister(_ => Cancel(waiter), null)) return waiter.Wait() ?? throw new OperationCanceledException(cancellationToken);
    }

    public ImmutableArray<string> Names
    {
        get
        {
            lock (_lock) return [.. _lines.Keys];
        }
    }

    public (long Ready, long Fetched) Count(string queue)
    {
        lock (_lock) return _lines.TryGetValue(queue, out var line) ? (line.Ready.Count, line.Fetched.Count) : default;
    }

    public long ReadyCount
    {
        get
        {
            lock (_lock) return _lines.Values.Sum(line => (long)line.Ready.Count);
        }
    }

    /// <summary>The jobs that are ready, in the order in which workers will get them.</summary>
    public ImmutableArray<long> Ready(string queue, int from, int count)
    {
        lock (_lock) return _lines.TryGetValue(queue, out var line) ? [.. line.Ready.Skip(from).Take(count).Select(entry => entry.JobId)] : [];
    }

    /// <summary>The entries that workers have, the longest held first.</summary>
    public ImmutableArray<FetchedEntry> Fetched(string queue, int from, int count)
    {
        lock (_lock)
        {
            return _lines.TryGetValue(queue, out var line)
                ? [.. line.Fetched.Values.OrderBy(fetched => fetched.At).ThenBy(fetched => fetched.Entry.Number).Skip(from).Take(count)]
                : [];
        }
    }

    private void Add(QueueEntry entry)
    {
        var line = LineOf(entry.Queue);
        for (var node = _waiters.First; node is not null; node = node.Next)
        {
            if (!node.Value.Queues.Contains(entry.Queue)) continue;
            // The worker that waits gets it from hand to hand: nobody can snatch it, and nobody wakes in vain.
            _waiters.Remove(node);
            line.Fetched[entry.Number] = new FetchedEntry(entry, clock.Now());
            node.Value.Give(entry);
            return;
        }

        line.Ready.Add(entry);
    }

    private void Cancel(Waiter waiter)
    {
        lock (_lock)
        {
            // One that has been given an entry keeps it: its worker gives it back if it will not run it.
            if (waiter.Node.List is null) return;
            _waiters.Remove(waiter.Node);
            waiter.Give(null);
        }
    }

    private Line LineOf(string queue)
    {
        if (!_lines.TryGetValue(queue, out var line)) _lines[queue] = line = new Line();
        return line;
    }

    private sealed class Line
    {
        public SortedSet<QueueEntry> Ready { get; } = [];

        public Dictionary<long, FetchedEntry> Fetched { get; } = [];
    }

    private sealed class Waiter
    {
        private readonly ManualResetEventSlim _given = new(initialState: false, spinCount: 0);
        private QueueEntry? _entry;

        public Waiter(string[] queues)
        {
            Queues = queues;
            Node = new LinkedListNode<Waiter>(this);
        }

        public string[] Queues { get; }

        public LinkedListNode<Waiter> Node { get; }

        public void Give(QueueEntry? entry)
        {
            _entry = entry;
            _given.Set();
        }

        public QueueEntry? Wait()
        {
            _given.Wait();
            return _entry;
        }
    }
}
