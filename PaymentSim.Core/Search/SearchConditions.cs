using System.Globalization;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Search;

/// <summary>Turns a query into SQL. Texts are compared without regard to the case of a to z.</summary>
internal sealed class SearchConditions(Database database, string resource, IReadOnlyList<SearchField> fields)
{
    private const int ShortestPart = 3;

    /// <summary>The values that the conditions name.</summary>
    public Dictionary<string, object?> Values { get; } = [];

    /// <exception cref="ProblemException">A clause names a field that cannot be searched by, or compares it in a way that it cannot.</exception>
    public string Of(SearchQuery query) => "(" + string.Join(query.Any ? " OR " : " AND ", query.Clauses.Select(Of)) + ")";

    private string Of(SearchClause clause)
    {
        var (kind, expression) = Find(clause);
        if (clause.Operator != SearchOperator.Equal && (clause.Value is null || !Allows(kind, clause.Operator)))
            throw SearchQuery.Refused($"Field `{clause.Field}` does not support this comparison. See the list of operators for each field.");

        var condition = clause.Value is null ? $"{expression} IS NULL" : $"{expression} IS NOT NULL AND {Compare(clause, kind, expression)}";
        return clause.Negated ? $"NOT ({condition})" : $"({condition})";
    }

    private (SearchKind Kind, string Expression) Find(SearchClause clause)
    {
        if (clause.Key is { } key) return (SearchKind.Token, database.JsonMember(SearchQuery.Metadata, Add(key)));
        return fields.FirstOrDefault(field => field.Name == clause.Field) is { } found
            ? (found.Kind, found.Expression)
            : throw SearchQuery.Refused(
                $"Field `{clause.Field}` is an unsupported search field for resource `{resource}`. It can be searched by "
                + string.Join(", ", fields.Select(field => field.Name).Append("metadata")) + ".");
    }

    private string Compare(SearchClause clause, SearchKind kind, string expression) => kind switch
    {
        SearchKind.Number => $"{expression} {Symbol(clause.Operator)} {Add(Number(clause))}",
        SearchKind.Boolean => $"{expression} = {Add(Boolean(clause))}",
        _ when clause.Operator == SearchOperator.Contains => $"lower({expression}) LIKE {Add(Part(clause))} ESCAPE '{LikePattern.Escape}'",
        _ => $"lower({expression}) = {Add(Lower(clause.Value!))}",
    };

    private static bool Allows(SearchKind kind, SearchOperator comparison) => comparison switch
    {
        SearchOperator.Contains => kind == SearchKind.Text,
        _ => kind == SearchKind.Number,
    };

    private static long Number(SearchClause clause) => long.TryParse(clause.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw SearchQuery.Refused($"Field `{clause.Field}` is compared with a whole number.");

    private static bool Boolean(SearchClause clause) => bool.TryParse(clause.Value, out var value)
        ? value
        : throw SearchQuery.Refused($"Field `{clause.Field}` is compared with true or false.");

    private static string Part(SearchClause clause) => clause.Value!.Length >= ShortestPart
        ? LikePattern.Containing(Lower(clause.Value))
        : throw SearchQuery.Refused($"A substring search needs at least {ShortestPart} characters.");

    private static string Symbol(SearchOperator comparison) => comparison switch
    {
        SearchOperator.Greater => ">",
        SearchOperator.GreaterOrEqual => ">=",
        SearchOperator.Less => "<",
        SearchOperator.LessOrEqual => "<=",
        _ => "=",
    };

    private string Add(object value)
    {
        var name = $"search{Values.Count}";
        Values[name] = value;
        return "@" + name;
    }

    /// <summary>As the databases' <c>lower</c> does it: engines know only these letters alike.</summary>
    private static string Lower(string text) => string.Create(text.Length, text, static (span, from) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = char.IsAsciiLetterUpper(from[i]) ? char.ToLowerInvariant(from[i]) : from[i];
    });
}
