using System.Text.Json.Serialization;
using PaymentSim.Core.Network;

namespace PaymentSim.Core.Charges;

/// <summary>What network and risk checks said of a charge; the object's <c>outcome</c>.</summary>
public sealed record ChargeOutcome
{
    private const string NotAssessed = "not_assessed";

    public string? AdviceCode { get; init; }

    public string? NetworkAdviceCode { get; init; }

    public string? NetworkDeclineCode { get; init; }

    public string? NetworkStatus { get; init; }

    public string? Reason { get; init; }

    public string? RiskLevel { get; init; }

    /// <summary>0 (safe) to 99; left out where the risk was not assessed, since official SDKs read a number here.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? RiskScore { get; init; }

    public string? SellerMessage { get; init; }

    public required string Type { get; init; }

    internal static ChargeOutcome Of(TestCard card, Decline? decline)
    {
        var outcome = new ChargeOutcome { Type = "authorized", RiskLevel = card.RiskLevel, RiskScore = Score(card.RiskLevel) };
        return decline switch
        {
            null => outcome with { NetworkStatus = "approved_by_network", SellerMessage = "Payment complete." },
            { SentToNetwork: false } => outcome with
            {
                Type = "blocked",
                NetworkStatus = "not_sent_to_network",
                Reason = "highest_risk_level",
                SellerMessage = "The payment was blocked because its risk is too high.",
            },
            _ => outcome with
            {
                Type = "issuer_declined",
                NetworkStatus = "declined_by_network",
                Reason = decline.DeclineCode ?? decline.Code.Wire(),
                SellerMessage = decline.DeclineCode is null or "generic_decline"
                    ? "The bank did not give any details about this decline."
                    : $"The bank gave this reason for the decline: {decline.DeclineCode}.",
            },
        };
    }

    internal static ChargeOutcome OfBankDebit() =>
        new() { Type = "authorized", NetworkStatus = "approved_by_network", RiskLevel = NotAssessed, SellerMessage = "Payment complete." };

    internal static ChargeOutcome DeclinedByBank(ChargeFailure failure) => new()
    {
        Type = "issuer_declined",
        NetworkStatus = "declined_by_network",
        Reason = failure.Code,
        RiskLevel = NotAssessed,
        SellerMessage = failure.Message,
    };

    private static int Score(string level) => level switch { "highest" => 92, "elevated" => 67, _ => 20 };
}
