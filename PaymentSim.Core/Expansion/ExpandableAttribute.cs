namespace PaymentSim.Core.Expansion;

/// <summary>
/// Marks a field of a wire object that <c>expand[]</c> can put an object in place of. This is the one declaration that expanding it needs, beside an
/// <see cref="IExpansion"/> of each kind.
/// </summary>
/// <param name="kinds">The wire objects that the field can name; none where the field is never set, or holds its objects already.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExpandableAttribute(params Type[] kinds) : Attribute
{
    public IReadOnlyList<Type> Kinds { get; } = kinds;

    /// <summary>The field is found by the id of the object that has it, and is left out unless it is asked for: a list of what belongs to it.</summary>
    public bool ByOwner { get; init; }
}
