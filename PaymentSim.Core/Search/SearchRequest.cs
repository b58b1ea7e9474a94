using System.Text.Json.Serialization;
using FluentValidation;
using PaymentSim.Core.Expansion;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Search;

/// <summary>A query in the search language, and which page of what it finds is asked for.</summary>
public abstract record SearchRequest : IExpands
{
    /// <summary>For example <c>email:"ada@example.com" AND -metadata["plan"]:"free"</c>.</summary>
    public string? Query { get; init; }

    /// <summary>How many objects at most, 1 to 100; 10 unless told.</summary>
    public long? Limit { get; init; }

    /// <summary>The <c>next_page</c> of the page before; not given: the first page.</summary>
    public string? Page { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }

    internal int Size => (int)(Limit ?? 10);

    internal bool WantsTotal => Expand?.Contains("total_count") == true;
}

/// <summary>One page of what a search found, newest first.</summary>
/// <param name="NextPage">What to ask for the next page with; null where there is none.</param>
public sealed record SearchPage<T>(IReadOnlyList<T> Data, bool HasMore, string? NextPage)
{
    /// <summary>How many there are on all pages together, where that was asked for.</summary>
    [Expandable]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? TotalCount { get; init; }

    public SearchPage<TOther> Select<TOther>(Func<T, TOther> map) => new([.. Data.Select(map)], HasMore, NextPage) { TotalCount = TotalCount };
}

internal abstract class SearchRequestValidator<T> : AbstractValidator<T>
    where T : SearchRequest
{
    protected SearchRequestValidator()
    {
        RuleFor(search => search.Query).NotEmpty().WithMessage("Missing required param: query.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(search => search.Limit).InclusiveBetween(1, 100).WithMessage("Invalid limit: must be between 1 and 100");
    }
}
