namespace PaymentSim.Core.JobStorage;

/// <summary>Hangfire's distributed locks. One process owns the file, so they need not go further than its memory; they end with it.</summary>
internal sealed class JobLocks
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);

    /// <summary>Takes the lock, again where <paramref name="owner"/> has it already; the one that has waited longest gets it next.</summary>
    /// <returns>False where it was not free in time.</returns>
    public bool TryTake(string resource, object owner, TimeSpan timeout)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (!_held.TryGetValue(resource, out var held))
            {
                _held[resource] = new Held(owner);
                return true;
            }

            if (held.Owner == owner)
            {
                held.Depth++;
                return true;
            }

            if (timeout == TimeSpan.Zero) return false;
            waiter = new Waiter(owner);
            held.Waiters.AddLast(waiter);
        }

        if (waiter.Wait(timeout)) return true;
        lock (_lock)
        {
            // It may have been handed over between the end of the wait and here.
            if (waiter.IsGranted) return true;
            _held[resource].Waiters.Remove(waiter);
            return false;
        }
    }

    public void Release(string resource)
    {
        lock (_lock)
        {
            var held = _held[resource];
            if (--held.Depth > 0) return;
            if (held.Waiters.First is not { } next)
            {
                _held.Remove(resource);
                return;
            }

            held.Waiters.Remove(next);
            (held.Owner, held.Depth) = (next.Value.Owner, 1);
            next.Value.Grant();
        }
    }

    private sealed class Held(object owner)
    {
        public object Owner { get; set; } = owner;

        public int Depth { get; set; } = 1;

        public LinkedList<Waiter> Waiters { get; } = [];
    }

    private sealed class Waiter(object owner)
    {
        private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(int.MaxValue);

        private readonly ManualResetEventSlim _granted = new(initialState: false, spinCount: 0);

        public object Owner => owner;

        public bool IsGranted => _granted.IsSet;

        public void Grant() => _granted.Set();

        public bool Wait(TimeSpan timeout) => _granted.Wait(timeout < LongestWait ? timeout : LongestWait);
    }
}
