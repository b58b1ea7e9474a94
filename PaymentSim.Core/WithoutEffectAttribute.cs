namespace PaymentSim.Core;

/// <summary>
/// Marks a parameter that is accepted, and echoed where the object has that field, and changes nothing else: the real processor does more with it.
/// <c>docs/compatibility.md</c> is made of these.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WithoutEffectAttribute : Attribute;
