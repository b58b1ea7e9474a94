using System.Security.Cryptography;

namespace PaymentSim.Core;

/// <summary>
/// Makes ids: a prefix and 22 base62 characters, of which the first eleven are the time and a sequence number, so that the newest
/// id sorts last (by ordinal comparison) and databases append instead of inserting in the middle.
/// </summary>
public sealed class Ids(TimeProvider clock, Randomness random)
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int HalfLength = 11;
    private const int SequenceBits = 16;

    private long _last;

    /// <summary>A new id, for example <c>ch_…</c> for the prefix <c>ch</c>. Later calls give larger ids, even if the clock steps back.</summary>
    public string New(string prefix)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds() << SequenceBits;
        long seen, next;
        do
        {
            seen = Volatile.Read(ref _last);
            next = Math.Max(now, seen + 1);
        }
        while (Interlocked.CompareExchange(ref _last, next, seen) != seen);

        return string.Create(prefix.Length + 1 + 2 * HalfLength, (prefix, next, tail: (ulong)random.NextInt64()), static (span, parts) =>
        {
            parts.prefix.CopyTo(span);
            span[parts.prefix.Length] = '_';
            Write(span.Slice(parts.prefix.Length + 1, HalfLength), (ulong)parts.next);
            Write(span[^HalfLength..], parts.tail);
        });
    }

    /// <summary>Sorts before every id with this prefix that was made since <paramref name="time"/>.</summary>
    public static string Floor(string prefix, DateTimeOffset time)
    {
        Span<char> half = stackalloc char[HalfLength];
        Write(half, (ulong)Math.Max(0, time.ToUnixTimeMilliseconds()) << SequenceBits);
        return $"{prefix}_{half}";
    }

    /// <summary>When an id was made, by this program's clock; null where the text is no id of its making.</summary>
    public static DateTimeOffset? TimeOf(string id)
    {
        var half = id.AsSpan(id.LastIndexOf('_') + 1);
        if (half.Length != 2 * HalfLength) return null;

        var value = 0UL;
        foreach (var c in half[..HalfLength])
        {
            var digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0) return null;
            value = unchecked(value * 62 + (ulong)digit);
        }

        var milliseconds = value >> SequenceBits;
        return milliseconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds) : null;
    }

    /// <summary>A secret of <paramref name="length"/> base62 characters, unguessable.</summary>
    public static string Secret(int length) => RandomNumberGenerator.GetString(Alphabet, length);

    /// <summary>A random idempotency key, as long as those that the official SDKs make.</summary>
    public static string IdempotencyKey() => Secret(36);

    private static void Write(Span<char> span, ulong value)
    {
        for (var i = span.Length - 1; i >= 0; i--)
        {
            span[i] = Alphabet[(int)(value % 62)];
            value /= 62;
        }
    }
}
