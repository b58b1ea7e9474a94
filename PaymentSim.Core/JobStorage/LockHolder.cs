using Hangfire.Storage;

namespace PaymentSim.Core.JobStorage;

/// <summary>The locks of one connection, which are released with it at the latest.</summary>
internal sealed class LockHolder(JobStore store) : IDisposable
{
    private readonly List<Handle> _handles = [];

    /// <summary>
    /// Takes a lock. Inside a write unit it does not wait: its holder may well be waiting for the writer, which the unit keeps from it.
    /// There the lock belongs to the unit, and is kept until the unit is on the disk: before that, nobody else could see what it did.
    /// </summary>
    /// <exception cref="DistributedLockTimeoutException">It was not free in time.</exception>
    public IDisposable Take(string resource, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var unit = store.Database.AmbientUnit;
        if (!store.Locks.TryTake(resource, unit ?? this, unit is null ? timeout : TimeSpan.Zero)) throw new DistributedLockTimeoutException(resource);

        if (unit is not null)
        {
            store.Database.AtEnd(_ => store.Locks.Release(resource));
            return HeldByUnit.Instance;
        }

        var handle = new Handle(this, resource);
        lock (_handles) _handles.Add(handle);
        return handle;
    }

    public void Dispose()
    {
        Handle[] left;
        lock (_handles) left = [.. _handles];
        foreach (var handle in left) handle.Dispose();
    }

    private void Release(Handle handle, string resource)
    {
        lock (_handles)
        {
            // Disposed before.
            if (!_handles.Remove(handle)) return;
        }

        store.Locks.Release(resource);
    }

    private sealed class Handle(LockHolder holder, string resource) : IDisposable
    {
        public void Dispose() => holder.Release(this, resource);
    }

    private sealed class HeldByUnit : IDisposable
    {
        public static readonly HeldByUnit Instance = new();

        public void Dispose()
        {
            // The unit's end releases it.
        }
    }
}
