using FluentValidation;
using FluentValidation.Results;

namespace PaymentSim.Core.Disputes;

/// <summary>What a merchant can say and show against a dispute. Files are named by ids, and not looked at.</summary>
public static class DisputeEvidence
{
    /// <summary>Of all texts together.</summary>
    public const int MaxLength = 150_000;

    public static IReadOnlyList<string> Names { get; } =
    [
        "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication",
        "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation",
        "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
        "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier", "shipping_date",
        "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
    ];

    /// <summary>As the wire shows it: every name, null where nothing was said.</summary>
    internal static IReadOnlyDictionary<string, object?> Shown(IReadOnlyDictionary<string, string> given)
    {
        var shown = Names.ToDictionary(name => name, name => (object?)given.GetValueOrDefault(name));
        shown["enhanced_evidence"] = new Dictionary<string, string>();
        return shown;
    }

    /// <summary>What an update leaves: given texts are set, empty ones unset, the rest stays.</summary>
    internal static IReadOnlyDictionary<string, string> Merge(IReadOnlyDictionary<string, string> current, IReadOnlyDictionary<string, string> update)
    {
        var merged = new Dictionary<string, string>(current);
        foreach (var (name, text) in update)
        {
            if (text.Length == 0) merged.Remove(name);
            else merged[name] = text;
        }

        return merged;
    }
}

internal sealed class DisputeEvidenceValidator : AbstractValidator<IReadOnlyDictionary<string, string>>
{
    public DisputeEvidenceValidator() => RuleFor(evidence => evidence).Custom((evidence, rule) =>
    {
        foreach (var name in evidence.Keys.Except(DisputeEvidence.Names))
            Fail($"Received unknown parameter: evidence[{name}]", $"evidence[{name}]", ProblemCode.ParameterUnknown);
        if (evidence.Values.Sum(text => text.Length) > DisputeEvidence.MaxLength)
            Fail($"Invalid evidence: all texts together can be at most {DisputeEvidence.MaxLength} characters.", "evidence");

        void Fail(string message, string param, ProblemCode? code = null) =>
            rule.AddFailure(new ValidationFailure(param, message) { CustomState = Problem.Invalid(message, param, code) });
    });
}
