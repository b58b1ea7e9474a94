using System.Text.Json;
using PaymentSim.Core.Charges;
using PaymentSim.Core.PaymentMethods;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>Where a payment intent stands.</summary>
public enum PaymentIntentStatus
{
    /// <summary>It has no payment method (any more): give one.</summary>
    RequiresPaymentMethod,

    /// <summary>It has a payment method: confirm it.</summary>
    RequiresConfirmation,

    /// <summary>The cardholder has to pass a check: its next action says where.</summary>
    RequiresAction,

    /// <summary>A delayed method (a bank debit) awaits its answer.</summary>
    Processing,

    /// <summary>The amount is authorised, and waits to be captured.</summary>
    RequiresCapture,

    /// <summary>The money was taken. Final.</summary>
    Succeeded,

    /// <summary>It was given up. Final.</summary>
    Canceled,
}

/// <summary>What is done with a payment intent.</summary>
internal enum PaymentIntentAction
{
    Update,
    Confirm,
    Authenticate,
    Settle,
    Capture,
    Cancel,
}

/// <summary>One payment over all its attempts, as it is stored.</summary>
public sealed record PaymentIntent
{
    /// <summary>For each action: in which statuses it may be done, and where it may lead.</summary>
    internal static readonly IReadOnlyDictionary<PaymentIntentAction, (PaymentIntentStatus[] From, PaymentIntentStatus[] To)> Transitions =
        new Dictionary<PaymentIntentAction, (PaymentIntentStatus[] From, PaymentIntentStatus[] To)>
        {
            [PaymentIntentAction.Update] = (
                [PaymentIntentStatus.RequiresPaymentMethod, PaymentIntentStatus.RequiresConfirmation, PaymentIntentStatus.RequiresAction],
                [PaymentIntentStatus.RequiresPaymentMethod, PaymentIntentStatus.RequiresConfirmation]),
            [PaymentIntentAction.Confirm] = (
                [PaymentIntentStatus.RequiresPaymentMethod, PaymentIntentStatus.RequiresConfirmation, PaymentIntentStatus.RequiresAction],
                [
                    PaymentIntentStatus.RequiresPaymentMethod, PaymentIntentStatus.RequiresAction, PaymentIntentStatus.Processing,
                    PaymentIntentStatus.RequiresCapture, PaymentIntentStatus.Succeeded,
                ]),
            [PaymentIntentAction.Authenticate] = (
                [PaymentIntentStatus.RequiresAction],
                [PaymentIntentStatus.RequiresPaymentMethod, PaymentIntentStatus.RequiresCapture, PaymentIntentStatus.Succeeded]),
            [PaymentIntentAction.Settle] = (
                [PaymentIntentStatus.Processing], [PaymentIntentStatus.RequiresPaymentMethod, PaymentIntentStatus.Succeeded]),
            [PaymentIntentAction.Capture] = ([PaymentIntentStatus.RequiresCapture], [PaymentIntentStatus.Succeeded]),
            [PaymentIntentAction.Cancel] = (
                [
                    PaymentIntentStatus.RequiresPaymentMethod, PaymentIntentStatus.RequiresConfirmation, PaymentIntentStatus.RequiresAction,
                    PaymentIntentStatus.RequiresCapture,
                ],
                [PaymentIntentStatus.Canceled]),
        };

    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public required PaymentIntentStatus Status { get; init; }

    public string? Customer { get; init; }

    /// <summary>What it is paid with; null after a failed attempt.</summary>
    public string? PaymentMethod { get; init; }

    /// <summary>The charge of the newest attempt.</summary>
    public string? LatestCharge { get; init; }

    public required PaymentIntentDetails Details { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal bool IsCapturedLater => Details.CaptureMethod == "manual";

    /// <exception cref="ProblemException">In this status that may not be done.</exception>
    internal void Require(PaymentIntentAction action)
    {
        var from = Transitions[action].From;
        if (!from.Contains(Status))
        {
            throw Unexpected($"You cannot {action.Wire()} this PaymentIntent because it has a status of {Status.Wire()}. "
                + $"That needs one of these statuses: {string.Join(", ", from.Select(status => status.Wire()))}.");
        }
    }

    /// <exception cref="ProblemException">In this status that may not be done.</exception>
    internal PaymentIntent Become(PaymentIntentStatus next, PaymentIntentAction action)
    {
        Require(action);
        return Transitions[action].To.Contains(next)
            ? this with { Status = next }
            : throw new InvalidOperationException($"{action} never leads to {next}.");
    }

    /// <exception cref="ProblemException">In this status it cannot be given up.</exception>
    internal PaymentIntent Canceled(string? reason, DateTimeOffset now) => Become(PaymentIntentStatus.Canceled, PaymentIntentAction.Cancel) with
    {
        Details = Details with { AmountCapturable = 0, NextAction = null, CanceledAt = now, CancellationReason = reason },
    };

    internal ProblemException Unexpected(string message) => new(
        Problem.Invalid(message, code: ProblemCode.PaymentIntentUnexpectedState) with { PaymentIntent = PaymentIntentObject.Json(this) });
}

/// <summary>What a payment intent carries beside the columns that queries need; stored as JSON.</summary>
public sealed record PaymentIntentDetails
{
    /// <summary>Lets a browser with a publishable key read and confirm this one intent.</summary>
    public required string ClientSecret { get; init; }

    /// <summary><c>automatic</c>, <c>automatic_async</c> or <c>manual</c>.</summary>
    public required string CaptureMethod { get; init; }

    /// <summary><c>automatic</c> or <c>manual</c>.</summary>
    public required string ConfirmationMethod { get; init; }

    /// <summary>Null where the types are a list of the merchant's own.</summary>
    public AutomaticPaymentMethods? AutomaticPaymentMethods { get; init; }

    public required IReadOnlyList<string> PaymentMethodTypes { get; init; }

    /// <summary>Where they are given by this name.</summary>
    public IReadOnlyList<string>? AllowedPaymentMethodTypes { get; init; }

    public JsonElement? PaymentMethodOptions { get; init; }

    public IReadOnlyList<string>? ExcludedPaymentMethodTypes { get; init; }

    public string? Description { get; init; }

    public string? ReceiptEmail { get; init; }

    public Shipping? Shipping { get; init; }

    public string? StatementDescriptor { get; init; }

    public string? StatementDescriptorSuffix { get; init; }

    /// <summary><c>on_session</c> or <c>off_session</c>: the payment method is given to the customer once it has paid.</summary>
    public string? SetupFutureUsage { get; init; }

    public string? OnBehalfOf { get; init; }

    /// <summary>Minor units.</summary>
    public long? ApplicationFeeAmount { get; init; }

    public JsonElement? TransferData { get; init; }

    public string? TransferGroup { get; init; }

    /// <summary>Minor units.</summary>
    public long AmountCapturable { get; init; }

    /// <summary>Minor units.</summary>
    public long AmountReceived { get; init; }

    public IntentError? LastPaymentError { get; init; }

    public NextAction? NextAction { get; init; }

    /// <summary>Where the cardholder goes after a check.</summary>
    public string? ReturnUrl { get; init; }

    /// <summary>The session that it pays, where it was made by one.</summary>
    public string? CheckoutSession { get; init; }

    public DateTimeOffset? CanceledAt { get; init; }

    public string? CancellationReason { get; init; }
}

/// <summary>Payment methods are chosen by the processor.</summary>
/// <param name="AllowRedirects"><c>always</c> or <c>never</c>.</param>
public sealed record AutomaticPaymentMethods(string AllowRedirects, bool Enabled);

/// <summary>Why an intent's newest attempt failed.</summary>
public sealed record IntentError
{
    /// <summary><c>card_error</c> or <c>invalid_request_error</c>.</summary>
    public required string Type { get; init; }

    public string? Charge { get; init; }

    public string? Code { get; init; }

    public string? DeclineCode { get; init; }

    public required string Message { get; init; }

    public string? Param { get; init; }

    public PaymentMethodObject? PaymentMethod { get; init; }

    internal static IntentError Of(Problem problem, PaymentMethod method) => new()
    {
        Type = problem.Kind == ProblemKind.Card ? "card_error" : "invalid_request_error",
        Charge = problem.Charge,
        Code = problem.Code?.Wire(),
        DeclineCode = problem.DeclineCode,
        Message = problem.Message,
        Param = problem.Param,
        PaymentMethod = PaymentMethodObject.Of(method),
    };
}
