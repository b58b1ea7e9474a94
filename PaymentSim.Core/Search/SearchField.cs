namespace PaymentSim.Core.Search;

/// <summary>What a field's values are, and so how they can be compared.</summary>
internal enum SearchKind
{
    /// <summary>Equal.</summary>
    Token,

    /// <summary>Equal, or contains.</summary>
    Text,

    /// <summary>Equal, greater and less.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,
}

/// <summary>A field that a resource can be searched by.</summary>
/// <param name="Name">As queries write it.</param>
/// <param name="Expression">The SQL that reads it.</param>
internal sealed record SearchField(string Name, SearchKind Kind, string Expression)
{
    /// <summary>Seconds, where the database has milliseconds.</summary>
    public static SearchField Created { get; } = new("created", SearchKind.Number, "(created_at / 1000)");
}
