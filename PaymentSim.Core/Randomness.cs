using System.Security.Cryptography;

namespace PaymentSim.Core;

/// <summary>
/// The one source of chance in the simulation (jitter, the tail of ids), safe to use from many threads. With a seed a run
/// repeats itself. Not for secrets: those come from <see cref="RandomNumberGenerator"/>.
/// </summary>
public sealed class Randomness(int? seed = null)
{
    private readonly Random _random = new(seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
    private readonly Lock _lock = new();

    /// <summary>A number from 0 up to, not including, 1.</summary>
    public double NextDouble()
    {
        lock (_lock) return _random.NextDouble();
    }

    public long NextInt64()
    {
        lock (_lock) return _random.NextInt64(long.MinValue, long.MaxValue);
    }
}
