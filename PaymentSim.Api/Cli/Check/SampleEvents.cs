using System.Text.Json;
using System.Text.Json.Nodes;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Refunds;

namespace PaymentSim.Api.Cli.Check;

/// <param name="Id">The event's, and so the webhook's.</param>
/// <param name="ObjectId">Of what it is about.</param>
/// <param name="Body">The bytes to send.</param>
internal sealed record SampleEvent(string Id, string ObjectId, byte[] Body);

/// <summary>
/// Events as the simulator sends them, made of its own wire objects, about objects that nobody has: charges, payment intents and refunds as they are at such an
/// event, and for other types an object with little but an id.
/// </summary>
internal sealed class SampleEvents(Ids ids, TimeProvider clock, string apiVersion, JsonObject? given)
{
    private const long Amount = 2000;
    private const int RiskScore = 20;
    private const string Currency = "usd";

    private static readonly ChargeFailure Declined = new("card_declined", "Your card was declined.");

    private static readonly IReadOnlyDictionary<string, string> NoMetadata = new Dictionary<string, string>();

    /// <summary>The type of what happens to an object before an event of this type does.</summary>
    public static string Before(string type) => type switch
    {
        EventTypes.ChargeSucceeded or EventTypes.ChargeFailed => EventTypes.ChargePending,
        EventTypes.PaymentIntentSucceeded or EventTypes.PaymentIntentPaymentFailed => EventTypes.PaymentIntentProcessing,
        _ => type,
    };

    /// <summary>An event that there was not yet.</summary>
    /// <param name="type">For example <c>charge.succeeded</c>; any other may be given.</param>
    /// <param name="objectId">What it is about; something new unless told.</param>
    /// <param name="created">When it happened; now unless told.</param>
    /// <param name="change">What is done to the event before it is written.</param>
    public SampleEvent New(string type, string? objectId = null, DateTimeOffset? created = null, Action<JsonObject>? change = null)
    {
        var at = created ?? clock.GetUtcNow();
        var content = given?.DeepClone().AsObject() ?? Json(ObjectOf(type, objectId, at));
        var recorded = new EventObject
        {
            Id = ids.New("evt"),
            ApiVersion = apiVersion,
            Created = at.ToUnixTimeSeconds(),
            Data = new EventData { Object = content, PreviousAttributes = PreviousOf(type) },
            PendingWebhooks = 1,
            Request = new EventRequest(ids.New("req"), null),
            Type = type,
        };
        var body = Json(recorded);
        change?.Invoke(body);
        return new SampleEvent(recorded.Id, (string?)content["id"] ?? "", JsonSerializer.SerializeToUtf8Bytes(body, CoreJson.Options));
    }

    /// <summary>What an event of this type changed; null where it is no change.</summary>
    private static JsonObject? PreviousOf(string type) => type == EventTypes.ChargeRefunded ? new JsonObject { ["amount_refunded"] = 0, ["refunded"] = false } : null;

    private static JsonObject Json(object value) => JsonSerializer.SerializeToNode(value, value.GetType(), CoreJson.Options)!.AsObject();

    private object ObjectOf(string type, string? id, DateTimeOffset at) => type switch
    {
        _ when type.StartsWith("refund.", StringComparison.Ordinal) || type == EventTypes.ChargeRefundUpdated => RefundAt(type, id, at),
        _ when type.StartsWith("charge.dispute.", StringComparison.Ordinal) => MadeUp("dispute", id, at),
        _ when type.StartsWith("charge.", StringComparison.Ordinal) => ChargeObject.Of(ChargeAt(type, id, at)),
        _ when type.StartsWith("payment_intent.", StringComparison.Ordinal) => PaymentIntentObject.Of(IntentAt(type, id, at)),
        _ => MadeUp(type[..type.LastIndexOf('.')], id, at),
    };

    private Charge ChargeAt(string type, string? id, DateTimeOffset at)
    {
        var status = type switch
        {
            EventTypes.ChargeFailed => ChargeStatus.Failed,
            EventTypes.ChargePending => ChargeStatus.Pending,
            _ => ChargeStatus.Succeeded,
        };
        var captured = status == ChargeStatus.Succeeded && type != EventTypes.ChargeExpired;
        return new Charge
        {
            Id = id ?? ids.New("ch"),
            MerchantId = "",
            Amount = Amount,
            Currency = Currency,
            Status = status,
            Captured = captured,
            AmountCaptured = captured ? Amount : 0,
            AmountRefunded = type is EventTypes.ChargeRefunded or EventTypes.ChargeExpired ? Amount : 0,
            Metadata = NoMetadata,
            CreatedAt = at,
            Details = new ChargeDetails
            {
                PaymentMethodId = ids.New(status == ChargeStatus.Pending ? "ba" : "card"),
                Card = status == ChargeStatus.Pending ? null : new CardSnapshot
                {
                    Brand = "visa", Last4 = "4242", ExpMonth = 12, ExpYear = at.Year + 2, Funding = "credit", Country = "US", Fingerprint = "0123456789abcdef",
                },
                BankAccount = status == ChargeStatus.Pending ? new BankAccountSnapshot("PAYMENTSIM TEST BANK", "6789", "110000000", "0123456789abcdef") : null,
                Outcome = OutcomeOf(status),
                Failure = status == ChargeStatus.Failed ? Declined : null,
            },
        };
    }

    private static ChargeOutcome OutcomeOf(ChargeStatus status) => status switch
    {
        ChargeStatus.Failed => new ChargeOutcome
        {
            Type = "issuer_declined", NetworkStatus = "declined_by_network", Reason = "generic_decline", RiskLevel = "normal", RiskScore = RiskScore,
            SellerMessage = "The bank did not give any details about this decline.",
        },
        ChargeStatus.Pending => new ChargeOutcome { Type = "authorized", NetworkStatus = "approved_by_network", RiskLevel = "not_assessed", SellerMessage = "Payment complete." },
        _ => new ChargeOutcome { Type = "authorized", NetworkStatus = "approved_by_network", RiskLevel = "normal", RiskScore = RiskScore, SellerMessage = "Payment complete." },
    };

    private PaymentIntent IntentAt(string type, string? id, DateTimeOffset at)
    {
        var intent = id ?? ids.New("pi");
        var status = type switch
        {
            EventTypes.PaymentIntentCreated or EventTypes.PaymentIntentPaymentFailed => PaymentIntentStatus.RequiresPaymentMethod,
            EventTypes.PaymentIntentRequiresAction => PaymentIntentStatus.RequiresAction,
            EventTypes.PaymentIntentProcessing => PaymentIntentStatus.Processing,
            EventTypes.PaymentIntentAmountCapturableUpdated => PaymentIntentStatus.RequiresCapture,
            EventTypes.PaymentIntentCanceled => PaymentIntentStatus.Canceled,
            _ => PaymentIntentStatus.Succeeded,
        };
        return new PaymentIntent
        {
            Id = intent,
            MerchantId = "",
            Amount = Amount,
            Currency = Currency,
            Status = status,
            PaymentMethod = status == PaymentIntentStatus.RequiresPaymentMethod ? null : ids.New("pm"),
            LatestCharge = status is PaymentIntentStatus.Succeeded or PaymentIntentStatus.RequiresCapture or PaymentIntentStatus.Processing ? ids.New("ch") : null,
            Metadata = NoMetadata,
            CreatedAt = at,
            Details = new PaymentIntentDetails
            {
                // Nothing can be done with it: there is no such intent.
                ClientSecret = $"{intent}_secret_{Ids.Secret(24)}",
                CaptureMethod = status == PaymentIntentStatus.RequiresCapture ? "manual" : "automatic_async",
                ConfirmationMethod = "automatic",
                PaymentMethodTypes = ["card"],
                AmountReceived = status == PaymentIntentStatus.Succeeded ? Amount : 0,
                AmountCapturable = status == PaymentIntentStatus.RequiresCapture ? Amount : 0,
                CanceledAt = status == PaymentIntentStatus.Canceled ? at : null,
                LastPaymentError = type == EventTypes.PaymentIntentPaymentFailed
                    ? new IntentError { Type = "card_error", Code = Declined.Code, DeclineCode = "generic_decline", Message = Declined.Message }
                    : null,
            },
        };
    }

    private RefundObject RefundAt(string type, string? id, DateTimeOffset at) => new()
    {
        Id = id ?? ids.New("re"),
        Amount = Amount,
        BalanceTransaction = ids.New("txn"),
        Charge = ids.New("ch"),
        Created = at.ToUnixTimeSeconds(),
        Currency = Currency,
        DestinationDetails = new RefundDestination { Type = "card", Card = new RefundDestination.CardRefund("refund") },
        FailureReason = type == EventTypes.RefundFailed ? "expired_or_canceled_card" : null,
        Metadata = NoMetadata,
        Status = (type == EventTypes.RefundFailed ? RefundStatus.Failed : RefundStatus.Succeeded).Wire(),
    };

    private JsonObject MadeUp(string kind, string? id, DateTimeOffset at) => new()
    {
        ["id"] = id ?? ids.New("test"),
        ["object"] = kind,
        ["created"] = at.ToUnixTimeSeconds(),
        ["livemode"] = false,
        ["metadata"] = new JsonObject(),
    };
}
