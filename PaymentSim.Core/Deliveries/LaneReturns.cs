namespace PaymentSim.Core.Deliveries;

/// <summary>How many were told to come back, and have not come yet: by the seconds that they were told.</summary>
internal sealed class LaneReturns
{
    private readonly Lock _lock = new();
    private readonly long[] _at = new long[128];
    private long _now;
    private long _waiting;

    public long Waiting(long now)
    {
        lock (_lock)
        {
            if (now - _now > _at.Length) (_now, _waiting) = (now, 0);
            if (_waiting == 0) Array.Clear(_at);
            for (; _now < now; _now++)
            {
                ref var came = ref _at[_now % _at.Length];
                (_waiting, came) = (_waiting - came, 0);
            }

            return _waiting;
        }
    }

    /// <summary>Those that come much later are not counted: they are no crowd.</summary>
    public void Add(long now, long at)
    {
        lock (_lock)
        {
            if (at < now || at >= _now + _at.Length) return;
            _at[at % _at.Length]++;
            _waiting++;
        }
    }
}
