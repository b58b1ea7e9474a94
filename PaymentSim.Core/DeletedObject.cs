namespace PaymentSim.Core;

/// <summary>The trace that a deleted object leaves on the wire.</summary>
public sealed record DeletedObject(string Id, string Object)
{
    public bool Deleted { get; init; } = true;
}
