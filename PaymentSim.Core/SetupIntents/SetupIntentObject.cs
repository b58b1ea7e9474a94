using System.Text.Json;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Expansion;
using PaymentSim.Core.Merchants;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.SetupIntents;

/// <summary>A setup intent as the wire shows it, in answers and in events. Times are unix seconds.</summary>
public sealed record SetupIntentObject
{
    public required string Id { get; init; }

    public string Object { get; init; } = "setup_intent";

    public IReadOnlyList<string>? AllowedPaymentMethodTypes { get; init; }

    [Expandable]
    public string? Application { get; init; }

    public AutomaticPaymentMethods? AutomaticPaymentMethods { get; init; }

    public string? CancellationReason { get; init; }

    public required string ClientSecret { get; init; }

    public required long Created { get; init; }

    [Expandable(typeof(CustomerObject))]
    public string? Customer { get; init; }

    public string? CustomerAccount { get; init; }

    public string? Description { get; init; }

    public IReadOnlyList<string>? ExcludedPaymentMethodTypes { get; init; }

    public IReadOnlyList<string>? FlowDirections { get; init; }

    public IntentError? LastSetupError { get; init; }

    [Expandable]
    public string? LatestAttempt { get; init; }

    public bool Livemode { get; init; }

    [Expandable]
    public string? Mandate { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public NextAction? NextAction { get; init; }

    [Expandable(typeof(AccountObject))]
    public string? OnBehalfOf { get; init; }

    [Expandable(typeof(PaymentMethodObject))]
    public string? PaymentMethod { get; init; }

    public JsonElement? PaymentMethodConfigurationDetails { get; init; }

    public JsonElement? PaymentMethodOptions { get; init; }

    public required IReadOnlyList<string> PaymentMethodTypes { get; init; }

    [Expandable]
    public string? SingleUseMandate { get; init; }

    public required string Status { get; init; }

    public required string Usage { get; init; }

    internal static SetupIntentObject Of(SetupIntent intent)
    {
        var details = intent.Details;
        return new SetupIntentObject
        {
            Id = intent.Id,
            AllowedPaymentMethodTypes = details.AllowedPaymentMethodTypes,
            AutomaticPaymentMethods = details.AutomaticPaymentMethods,
            CancellationReason = details.CancellationReason,
            ClientSecret = details.ClientSecret,
            Created = intent.CreatedAt.ToUnixTimeSeconds(),
            Customer = intent.Customer,
            Description = details.Description,
            ExcludedPaymentMethodTypes = details.ExcludedPaymentMethodTypes,
            FlowDirections = details.FlowDirections,
            LastSetupError = details.LastSetupError,
            Metadata = intent.Metadata,
            NextAction = details.NextAction,
            OnBehalfOf = details.OnBehalfOf,
            PaymentMethod = intent.PaymentMethod,
            PaymentMethodOptions = details.PaymentMethodOptions,
            PaymentMethodTypes = details.PaymentMethodTypes,
            Status = intent.Status.Wire(),
            Usage = details.Usage,
        };
    }

    internal static JsonElement Json(SetupIntent intent) => JsonSerializer.SerializeToElement(Of(intent), CoreJson.Options);

    /// <summary>As who came with a publishable key may see it: without what is between the merchant and the processor.</summary>
    internal SetupIntentObject ForBrowser() => this with
    {
        Customer = null,
        Metadata = new Dictionary<string, string>(),
        OnBehalfOf = null,
        LastSetupError = LastSetupError is { } error ? error with { PaymentMethod = null } : null,
    };
}

/// <summary>How an attempt on a setup intent ended.</summary>
/// <param name="Intent">As it is now.</param>
/// <param name="Declined">Why the payment method cannot be used.</param>
public sealed record SetupIntentAttempt(SetupIntentObject Intent, Problem? Declined = null) : IHoldsObject<SetupIntentObject>
{
    object? IHoldsObject.Held => Declined is null ? Intent : null;

    internal SetupIntentAttempt For(RequestContext context) => !context.IsPublishable ? this : new(
        Intent.ForBrowser(),
        Declined is null ? null : Declined with
        {
            PaymentMethod = null, SetupIntent = JsonSerializer.SerializeToElement(Intent.ForBrowser(), CoreJson.Options),
        });
}
