using FluentValidation;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core;

/// <summary>One page of a list, newest first.</summary>
public sealed record Page<T>(IReadOnlyList<T> Data, bool HasMore)
{
    public Page<TOther> Select<TOther>(Func<T, TOther> map) => new([.. Data.Select(map)], HasMore);
}

/// <summary>Which page of a list is asked for.</summary>
public abstract record PageRequest : IExpands
{
    /// <summary>How many objects at most, 1 to 100; 10 unless told.</summary>
    public long? Limit { get; init; }

    /// <summary>An object's id: the page begins right after it (older objects).</summary>
    public string? StartingAfter { get; init; }

    /// <summary>An object's id: the page ends right before it (newer objects).</summary>
    public string? EndingBefore { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }

    internal int Size => (int)(Limit ?? 10);
}

/// <summary>A range of times, in unix seconds; all bounds that are given hold.</summary>
public sealed record TimeRange
{
    public long? Gt { get; init; }

    public long? Gte { get; init; }

    public long? Lt { get; init; }

    public long? Lte { get; init; }

    /// <summary>A single time instead of a range: <c>created=1700000000</c>.</summary>
    public static TimeRange FromNumber(long unixSeconds) => new() { Gte = unixSeconds, Lte = unixSeconds };

    /// <summary>The earliest time inside the range, in unix milliseconds.</summary>
    internal long FromMilliseconds => Math.Max(Milliseconds(Gte) ?? 0, Milliseconds(After(Gt)) ?? 0);

    /// <summary>The first time after the range, in unix milliseconds.</summary>
    internal long ToMilliseconds => Math.Min(Milliseconds(After(Lte)) ?? long.MaxValue, Milliseconds(Lt) ?? long.MaxValue);

    private static long? After(long? second) => second == long.MaxValue ? second : second + 1;

    private static long? Milliseconds(long? seconds) =>
        seconds is { } s ? Math.Clamp(s, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds()) * 1000 : null;
}

internal abstract class PageRequestValidator<T> : AbstractValidator<T>
    where T : PageRequest
{
    protected PageRequestValidator()
    {
        RuleFor(page => page.Limit).InclusiveBetween(1, 100)
            .WithMessage("Invalid limit: must be between 1 and 100");
        RuleFor(page => page.EndingBefore).Null().When(page => page.StartingAfter is not null)
            .WithMessage("You cannot give both ending_before and starting_after.");
    }
}
