using System.Text.Json;
using PaymentSim.Core.PaymentIntents;

namespace PaymentSim.Core.SetupIntents;

/// <summary>Where a setup intent stands.</summary>
public enum SetupIntentStatus
{
    /// <summary>It has no payment method (any more): give one.</summary>
    RequiresPaymentMethod,

    /// <summary>It has a payment method: confirm it.</summary>
    RequiresConfirmation,

    /// <summary>The cardholder has to pass a check: its next action says where.</summary>
    RequiresAction,

    /// <summary>The payment method can be charged later. Final.</summary>
    Succeeded,

    /// <summary>It was given up. Final.</summary>
    Canceled,
}

/// <summary>What is done with a setup intent.</summary>
internal enum SetupIntentAction
{
    Update,
    Confirm,
    Authenticate,
    Cancel,
}

/// <summary>A payment method that is made ready to be charged later, as it is stored.</summary>
public sealed record SetupIntent
{
    private static readonly SetupIntentStatus[] Open =
        [SetupIntentStatus.RequiresPaymentMethod, SetupIntentStatus.RequiresConfirmation, SetupIntentStatus.RequiresAction];

    /// <summary>For each action: in which statuses it may be done, and where it may lead.</summary>
    internal static readonly IReadOnlyDictionary<SetupIntentAction, (SetupIntentStatus[] From, SetupIntentStatus[] To)> Transitions =
        new Dictionary<SetupIntentAction, (SetupIntentStatus[] From, SetupIntentStatus[] To)>
        {
            [SetupIntentAction.Update] = (Open, [SetupIntentStatus.RequiresPaymentMethod, SetupIntentStatus.RequiresConfirmation]),
            [SetupIntentAction.Confirm] = (Open, [SetupIntentStatus.RequiresPaymentMethod, SetupIntentStatus.RequiresAction, SetupIntentStatus.Succeeded]),
            [SetupIntentAction.Authenticate] = (
                [SetupIntentStatus.RequiresAction], [SetupIntentStatus.RequiresPaymentMethod, SetupIntentStatus.Succeeded]),
            [SetupIntentAction.Cancel] = (Open, [SetupIntentStatus.Canceled]),
        };

    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    public required SetupIntentStatus Status { get; init; }

    public string? Customer { get; init; }

    public string? PaymentMethod { get; init; }

    public required SetupIntentDetails Details { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <exception cref="ProblemException">In this status that may not be done.</exception>
    internal void Require(SetupIntentAction action)
    {
        var from = Transitions[action].From;
        if (!from.Contains(Status))
        {
            throw Unexpected($"You cannot {action.Wire()} this SetupIntent because it has a status of {Status.Wire()}. "
                + $"That needs one of these statuses: {string.Join(", ", from.Select(status => status.Wire()))}.");
        }
    }

    /// <exception cref="ProblemException">In this status that may not be done.</exception>
    internal SetupIntent Become(SetupIntentStatus next, SetupIntentAction action)
    {
        Require(action);
        return Transitions[action].To.Contains(next)
            ? this with { Status = next }
            : throw new InvalidOperationException($"{action} never leads to {next}.");
    }

    internal ProblemException Unexpected(string message) => new(
        Problem.Invalid(message, code: ProblemCode.SetupIntentUnexpectedState) with { SetupIntent = SetupIntentObject.Json(this) });
}

/// <summary>What a setup intent carries beside the columns that queries need; stored as JSON.</summary>
public sealed record SetupIntentDetails
{
    /// <summary>Lets a browser with a publishable key read and confirm this one intent.</summary>
    public required string ClientSecret { get; init; }

    /// <summary><c>on_session</c> or <c>off_session</c>.</summary>
    public required string Usage { get; init; }

    /// <summary>Null where the types are a list of the merchant's own.</summary>
    public AutomaticPaymentMethods? AutomaticPaymentMethods { get; init; }

    public required IReadOnlyList<string> PaymentMethodTypes { get; init; }

    /// <summary>Where they are given by this name.</summary>
    public IReadOnlyList<string>? AllowedPaymentMethodTypes { get; init; }

    public IReadOnlyList<string>? ExcludedPaymentMethodTypes { get; init; }

    public JsonElement? PaymentMethodOptions { get; init; }

    public IReadOnlyList<string>? FlowDirections { get; init; }

    public string? Description { get; init; }

    public string? OnBehalfOf { get; init; }

    public IntentError? LastSetupError { get; init; }

    public NextAction? NextAction { get; init; }

    /// <summary>Where the cardholder goes after a check.</summary>
    public string? ReturnUrl { get; init; }

    public string? CancellationReason { get; init; }
}
