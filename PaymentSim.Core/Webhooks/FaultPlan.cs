namespace PaymentSim.Core.Webhooks;

/// <summary>What can go wrong with a webhook on purpose; of several on one attempt, each happens to what those before it have made.</summary>
public enum FaultKind
{
    /// <summary>It is held back for <see cref="Fault.Delay"/> before its first attempt.</summary>
    Delay,

    /// <summary>It is held back until a later one of the endpoint was sent, or for <see cref="Fault.Delay"/>.</summary>
    Reorder,

    /// <summary>It is not sent at all, and the attempt counts as failed. What else would happen to that attempt does not.</summary>
    Drop,

    /// <summary>It is signed with another secret.</summary>
    WrongSecret,

    /// <summary>It is signed as of <see cref="Fault.Age"/> ago.</summary>
    StaleTimestamp,

    /// <summary>Its signatures are altered, of both families.</summary>
    BadSignature,

    /// <summary>Its body is altered: one bit inside a text, so that it is still JSON.</summary>
    Corrupt,

    /// <summary>The connection is reset in the middle of the body.</summary>
    Reset,

    /// <summary>It is sent twice: at the same time, or the second time <see cref="Fault.Delay"/> later.</summary>
    Duplicate,
}

/// <summary>One thing that is to go wrong: with which deliveries, and with how many attempts of each.</summary>
public sealed record Fault
{
    public required FaultKind Kind { get; init; }

    /// <summary>From 0 to 1: drawn for each delivery. Null: the <see cref="Next"/> ones.</summary>
    public double? Probability { get; init; }

    /// <summary>The endpoint's next so many deliveries. Null: by <see cref="Probability"/>.</summary>
    public long? Next { get; init; }

    /// <summary>The delivery's first so many attempts.</summary>
    public required long Attempts { get; init; }

    /// <summary>Milliseconds.</summary>
    public long? Delay { get; init; }

    /// <summary>Seconds.</summary>
    public long? Age { get; init; }
}

/// <summary>
/// What is to go wrong with an endpoint's webhooks. What happens to which attempt is a matter of the seed and of numbers alone: deliveries are
/// numbered 1, 2, 3 … as their events are recorded, so that a run repeats exactly.
/// </summary>
public sealed record FaultPlan
{
    /// <summary>Tells it from the plans that the endpoint had before.</summary>
    public required string Id { get; init; }

    public required long Seed { get; init; }

    /// <summary>At most one of each kind.</summary>
    public required IReadOnlyList<Fault> Faults { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The places of the faults that a delivery meets, at whatever attempt; in the order in which they happen.</summary>
    /// <param name="number">The delivery's, from 1 on.</param>
    public IReadOnlyList<int> Of(long number) =>
        [.. Enumerable.Range(0, Faults.Count).Where(fault => Meets(fault, number)).OrderBy(fault => Faults[fault].Kind)];

    /// <summary>The places of the faults that happen to one attempt, in their order.</summary>
    /// <param name="number">The delivery's, from 1 on.</param>
    /// <param name="attempt">Counted from when it got the number, from 1 on.</param>
    public IReadOnlyList<int> Of(long number, long attempt)
    {
        var met = Of(number).Where(fault => attempt <= Faults[fault].Attempts).ToList();
        return met.Exists(fault => Faults[fault].Kind == FaultKind.Drop) ? [.. met.Where(fault => Faults[fault].Kind <= FaultKind.Drop)] : met;
    }

    /// <summary>How many of the next deliveries a fault is still to meet; null where that is a matter of chance.</summary>
    /// <param name="fault">Its place.</param>
    /// <param name="deliveries">How many were numbered.</param>
    public long? Left(int fault, long deliveries) => Faults[fault].Next is { } next ? Math.Max(0, next - deliveries) : null;

    /// <summary>From 0 up to, not including, 1; always the same for the same plan's seed, place and number.</summary>
    public double Chance(int fault, long number)
    {
        var mixed = Mix(Mix(Mix(unchecked((ulong)Seed)) ^ (ulong)number) ^ (ulong)fault);
        return (mixed >> 11) * (1.0 / (1UL << 53));
    }

    private bool Meets(int fault, long number)
    {
        if (!IsDrawn(fault, number)) return false;
        if (Faults[fault].Kind != FaultKind.Reorder) return true;

        // The one after one that is held back has to overtake it: of each run of them, every second is not held back itself.
        if (Faults[fault] is { Next: not null } or { Probability: >= 1 }) return number % 2 == 1;
        var run = 1L;
        while (run < number && IsDrawn(fault, number - run)) run++;
        return run % 2 == 1;
    }

    private bool IsDrawn(int fault, long number) => Faults[fault].Next is { } next ? number <= next : Chance(fault, number) < Faults[fault].Probability;

    /// <summary>SplitMix64's way to make of similar numbers such that have nothing in common.</summary>
    private static ulong Mix(ulong number)
    {
        unchecked
        {
            number += 0x9E3779B97F4A7C15;
            number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
            number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
            return number ^ (number >> 31);
        }
    }
}
