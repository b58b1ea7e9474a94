using System.Text.Json;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Disputes;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentIntents;

namespace PaymentSim.Core.Charges;

/// <summary>What is captured of an authorisation. Texts that are not given stay, empty ones unset.</summary>
internal sealed record CaptureTerms
{
    /// <summary>Minor units; null: all that is authorised.</summary>
    public long? Amount { get; init; }

    public string? ReceiptEmail { get; init; }

    public string? StatementDescriptor { get; init; }

    public string? StatementDescriptorSuffix { get; init; }

    public string? TransferGroup { get; init; }

    /// <summary>Minor units.</summary>
    public long? ApplicationFeeAmount { get; init; }

    public JsonElement? TransferData { get; init; }
}

/// <summary>Takes the money of authorised charges, or lets it go. The charges must have been read to be changed.</summary>
internal sealed class ChargeCapture(
    ChargeStore charges, ChargeEvents events, Ledger ledger, DisputeMaker disputes, PaymentIntentSettlement intents, CardReader cards, TimeProvider clock)
{
    /// <summary>Takes the money. Answers the charge as it is then.</summary>
    /// <exception cref="ProblemException">The charge is not authorised any more, or for less.</exception>
    public async Task<Charge> CaptureAsync(Charge authorized, CaptureTerms terms)
    {
        var captured = await ledger.CreditAsync(authorized.CapturedFor(terms, clock.GetUtcNow()));
        await SaveAsync(authorized, captured, EventTypes.ChargeCaptured);
        if (captured.Details.Card is { } card && cards.CardOf(card).Dispute is { } dispute) await disputes.OpenAsync(captured, dispute);
        return captured;
    }

    /// <summary>Nobody captured the charge in time.</summary>
    /// <param name="intent">What <see cref="PaymentIntentSettlement.BeginAsync"/> answered before the charge was read.</param>
    public async Task<Charge> ExpireAsync(Charge authorized, PaymentIntent? intent)
    {
        var expired = authorized.Released(expired: true);
        await SaveAsync(authorized, expired, EventTypes.ChargeExpired);
        if (intent is not null) await intents.EndAsync(intent, expired);
        return expired;
    }

    /// <summary>The merchant gives up its claim.</summary>
    public async Task<Charge> ReleaseAsync(Charge authorized)
    {
        var released = authorized.Released(expired: false);
        await SaveAsync(authorized, released, EventTypes.ChargeRefunded);
        return released;
    }

    private async Task SaveAsync(Charge before, Charge after, string type)
    {
        await charges.UpdateAsync(after);
        await events.AppendAsync(after, type, PreviousAttributes.Between(ChargeObject.Of(before), ChargeObject.Of(after)));
    }
}
