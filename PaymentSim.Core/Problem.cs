using System.Text.Json;

namespace PaymentSim.Core;

/// <summary>Whose fault it is and what kind; each face maps a kind to its own status once.</summary>
public enum ProblemKind
{
    /// <summary>The request is wrong (REST: 400).</summary>
    InvalidRequest,

    /// <summary>No valid API key (REST: 401).</summary>
    Unauthorized,

    /// <summary>The card network said no (REST: 402).</summary>
    Card,

    /// <summary>The key is valid, and may not do this (REST: 403).</summary>
    Forbidden,

    /// <summary>There is no such object (REST: 404).</summary>
    NotFound,

    /// <summary>The object is not in the state that this needs (REST: 409).</summary>
    Conflict,

    /// <summary>An idempotency key was used again for another request (REST: 400).</summary>
    Idempotency,

    /// <summary>Too many requests (REST: 429).</summary>
    RateLimit,

    /// <summary>PaymentSim failed, or plays a failing processor (REST: 500).</summary>
    Api,

    /// <summary>The database cannot be written now, nothing was done; try again later (REST: 503).</summary>
    Unavailable,
}

/// <summary>The closed list of error codes; on the wire each is written in snake case (<c>parameter_missing</c>).</summary>
public enum ProblemCode
{
    ParameterMissing,
    ParameterUnknown,
    ParameterInvalidInteger,
    ParameterInvalidEmpty,
    ParameterInvalidString,
    ResourceMissing,
    AmountTooSmall,
    AmountTooLarge,
    BalanceInsufficient,
    UrlInvalid,
    ChargeAlreadyCaptured,
    ChargeAlreadyRefunded,
    ChargeDisputed,
    ChargeExpiredForCapture,
    PaymentIntentUnexpectedState,
    PaymentIntentAuthenticationFailure,
    PaymentIntentIncompatiblePaymentMethod,
    SetupIntentUnexpectedState,
    SetupIntentAuthenticationFailure,
    SecretKeyRequired,
    AuthenticationRequired,
    TokenAlreadyUsed,
    IdempotencyKeyInUse,
    CardDeclined,
    ExpiredCard,
    IncorrectCvc,
    IncorrectNumber,
    ProcessingError,
    InvalidExpiryMonth,
    InvalidExpiryYear,
    InvalidCvc,
    AccountNumberInvalid,
    RoutingNumberInvalid,
    AccountInvalid,
    InvalidBankAccountIban,
    BankAccountUnverified,
    BankAccountVerificationFailed,
    RateLimit,
}

/// <summary>Why a request was not carried out, or, for a declined card, how it ended.</summary>
/// <param name="Message">A sentence for the developer.</param>
public sealed record Problem(ProblemKind Kind, ProblemCode? Code, string Message)
{
    /// <summary>The parameter at fault as the wire names it: <c>amount</c>, <c>source[exp_month]</c>.</summary>
    public string? Param { get; init; }

    /// <summary>The card issuer's reason, for declines: <c>insufficient_funds</c>.</summary>
    public string? DeclineCode { get; init; }

    /// <summary>The id of the failed charge, for declines.</summary>
    public string? Charge { get; init; }

    /// <summary>The payment intent as it is after what went wrong, on the wire.</summary>
    public JsonElement? PaymentIntent { get; init; }

    /// <summary>The setup intent as it is after what went wrong, on the wire.</summary>
    public JsonElement? SetupIntent { get; init; }

    /// <summary>The payment method that was tried, on the wire.</summary>
    public JsonElement? PaymentMethod { get; init; }

    public static Problem Invalid(string message, string? param = null, ProblemCode? code = null) =>
        new(ProblemKind.InvalidRequest, code, message) { Param = param };

    public static Problem Missing(string what, string id, string param = "id") =>
        new(ProblemKind.NotFound, ProblemCode.ResourceMissing, $"No such {what}: '{id}'") { Param = param };
}

/// <summary>The one exception by which a use case refuses; carries the <see cref="Problem"/> that faces show.</summary>
public sealed class ProblemException(Problem problem, Exception? inner = null) : Exception(problem.Message, inner)
{
    public Problem Problem { get; } = problem;
}
