using System.Text.Json;
using System.Text.Json.Serialization;
using PaymentSim.Core.Balance;

namespace PaymentSim.Core.Charges;

/// <summary>Where a charge stands.</summary>
public enum ChargeStatus
{
    /// <summary>A delayed method (a bank debit) awaits its answer; it becomes succeeded or failed.</summary>
    Pending,

    /// <summary>The payment was authorised, and captured where <see cref="Charge.Captured"/> says so.</summary>
    Succeeded,

    /// <summary>The payment was declined. Final.</summary>
    Failed,
}

/// <summary>One attempt to take money from a card or bank account, as it is stored.</summary>
public sealed record Charge
{
    /// <summary>From each status, where it may go; a status that is not here is final.</summary>
    internal static readonly IReadOnlyDictionary<ChargeStatus, ChargeStatus[]> Transitions = new Dictionary<ChargeStatus, ChargeStatus[]>
    {
        [ChargeStatus.Pending] = [ChargeStatus.Succeeded, ChargeStatus.Failed],
    };

    public required string Id { get; init; }

    public required string MerchantId { get; init; }

    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public required ChargeStatus Status { get; init; }

    public required bool Captured { get; init; }

    /// <summary>Minor units.</summary>
    public required long AmountCaptured { get; init; }

    /// <summary>Minor units.</summary>
    public long AmountRefunded { get; init; }

    /// <summary>The transaction's id, where it has a row of its own.</summary>
    public string? BalanceTransaction { get; init; }

    /// <summary>The movement of its money; null where none has moved.</summary>
    internal string? Transaction => BalanceTransaction ?? (Captured ? BalanceStore.IdOf(Id) : null);

    public string? Customer { get; init; }

    public string? PaymentIntent { get; init; }

    public string? TransferGroup { get; init; }

    public string? Description { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required ChargeDetails Details { get; init; }

    /// <summary>When the bank's answer to a pending charge is due, or when an authorisation that nobody captures expires.</summary>
    public DateTimeOffset? SettlesAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The charge after its bank's answer: paid, or failed for <paramref name="failure"/>.</summary>
    /// <exception cref="ProblemException">The charge is not pending.</exception>
    internal Charge Settled(ChargeFailure? failure) => Become(failure is null ? ChargeStatus.Succeeded : ChargeStatus.Failed) with
    {
        SettlesAt = null,
        Captured = failure is null,
        AmountCaptured = failure is null ? Amount : 0,
        Details = Details with
        {
            Failure = failure,
            Outcome = failure is null ? Details.Outcome : ChargeOutcome.DeclinedByBank(failure),
        },
    };

    /// <summary>The authorised charge with its money taken; what is not taken is released, and counts as refunded.</summary>
    /// <param name="terms">How much of it, and what changes with that.</param>
    /// <exception cref="ProblemException">It is not authorised any more, or for less.</exception>
    internal Charge CapturedFor(CaptureTerms terms, DateTimeOffset now)
    {
        MustBeCapturable(now);
        var amount = terms.Amount ?? Amount;
        if (amount > Amount)
        {
            throw Refused(
                $"Charge {Id} is authorized for {new Money(Amount, Currency)}; {new Money(amount, Currency)} cannot be captured.",
                ProblemCode.AmountTooLarge,
                "amount");
        }

        return this with
        {
            Captured = true,
            AmountCaptured = amount,
            AmountRefunded = Amount - amount,
            SettlesAt = null,
            TransferGroup = Text.Given(terms.TransferGroup, TransferGroup),
            Details = Details with
            {
                ReceiptEmail = Text.Given(terms.ReceiptEmail, Details.ReceiptEmail),
                StatementDescriptor = Text.Given(terms.StatementDescriptor, Details.StatementDescriptor),
                StatementDescriptorSuffix = Text.Given(terms.StatementDescriptorSuffix, Details.StatementDescriptorSuffix),
                ApplicationFeeAmount = terms.ApplicationFeeAmount ?? Details.ApplicationFeeAmount,
                TransferData = terms.TransferData ?? Details.TransferData,
            },
        };
    }

    /// <summary>The authorised charge whose money is never taken: all of it is released, and counts as refunded.</summary>
    /// <param name="expired">Because nobody captured it in time, and not because the merchant gave it back.</param>
    internal Charge Released(bool expired) => IsAuthorization
        ? this with { AmountRefunded = Amount, SettlesAt = null, Details = Details with { Expired = expired } }
        : throw new ProblemException(Problem.Invalid($"Charge {Id} is no authorization that could be released.") with { Kind = ProblemKind.Conflict });

    /// <summary>It is authorised, and its money neither taken nor released.</summary>
    internal bool IsAuthorization => Status == ChargeStatus.Succeeded && !Captured && AmountRefunded == 0;

    /// <summary>The charge with a part of its money given back; an authorisation is released as a whole.</summary>
    /// <param name="amount">Minor units; null: all that is left.</param>
    /// <exception cref="ProblemException">It has not as much left, is disputed, or was never paid.</exception>
    internal Charge RefundedBy(long? amount)
    {
        var left = Amount - AmountRefunded;
        if (Status != ChargeStatus.Succeeded) throw Refused($"Charge {Id} is {Status.Wire()} and cannot be refunded.");
        if (Details.ChargedBack) throw Refused($"Charge {Id} has been charged back; cannot issue a refund.", ProblemCode.ChargeDisputed);
        if (left == 0) throw Refused($"Charge {Id} has already been refunded.", ProblemCode.ChargeAlreadyRefunded);
        if (!Captured && PaymentIntent is not null)
            throw Refused($"Charge {Id} has not been captured: cancel PaymentIntent {PaymentIntent} to release what it is authorized for.");
        if (amount > left)
        {
            throw Refused(
                $"Refund amount ({new Money(amount.Value, Currency)}) is greater than unrefunded amount on charge ({new Money(left, Currency)})", param: "amount");
        }

        if (!Captured && amount < Amount)
            throw Refused($"Charge {Id} has not been captured: it can be refunded as a whole, or captured in part.", param: "amount");
        var refunded = Captured ? this with { AmountRefunded = AmountRefunded + (amount ?? left) } : Released(expired: false);
        return refunded with { Details = refunded.Details with { HasRefunds = true } };
    }

    /// <summary>The charge with its money asked back by the customer's bank.</summary>
    /// <param name="takesMoney">False for an inquiry.</param>
    /// <exception cref="ProblemException">There is no money of it, or it was disputed before.</exception>
    internal Charge DisputedFor(bool takesMoney)
    {
        if (Details.Disputed) throw Refused($"Charge {Id} has been disputed before.", ProblemCode.ChargeDisputed);
        return Captured && AmountRefunded < Amount
            ? this with { Details = Details with { Disputed = true, ChargedBack = takesMoney } }
            : throw Refused($"Charge {Id} has no money that could be disputed.");
    }

    private void MustBeCapturable(DateTimeOffset now)
    {
        if (Captured) throw Refused($"Charge {Id} has already been captured.", ProblemCode.ChargeAlreadyCaptured);
        if (Details.Expired || (IsAuthorization && SettlesAt <= now))
            throw Refused($"Charge {Id} cannot be captured, because its authorization has expired.", ProblemCode.ChargeExpiredForCapture);
        if (AmountRefunded > 0) throw Refused($"Charge {Id} has already been refunded.", ProblemCode.ChargeAlreadyRefunded);
        if (!IsAuthorization) throw Refused($"Charge {Id} is {Status.Wire()} and cannot be captured.");
    }

    private static ProblemException Refused(string message, ProblemCode? code = null, string? param = null) => new(Problem.Invalid(message, param, code));

    private Charge Become(ChargeStatus next) => Transitions.GetValueOrDefault(Status)?.Contains(next) == true
        ? this with { Status = next }
        : throw new ProblemException(Problem.Invalid(
            $"Charge {Id} is {Status.Wire()} and cannot become {next.Wire()}.") with { Kind = ProblemKind.Conflict });
}

/// <summary>What a charge carries beside the columns that queries need; stored as JSON.</summary>
public sealed record ChargeDetails
{
    public required string PaymentMethodId { get; init; }

    public CardSnapshot? Card { get; init; }

    public BankAccountSnapshot? BankAccount { get; init; }

    /// <summary>Who pays, where a payment method said so; else the card says it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BillingDetails? Billing { get; init; }

    /// <summary>The cardholder was asked, and passed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Authenticated { get; init; }

    public required ChargeOutcome Outcome { get; init; }

    public ChargeFailure? Failure { get; init; }

    public string? ReceiptEmail { get; init; }

    public string? StatementDescriptor { get; init; }

    public string? StatementDescriptorSuffix { get; init; }

    public Shipping? Shipping { get; init; }

    public string? OnBehalfOf { get; init; }

    /// <summary>Minor units.</summary>
    public long? ApplicationFeeAmount { get; init; }

    public JsonElement? TransferData { get; init; }

    /// <summary>True for an authorisation that nobody captured in time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Expired { get; init; }

    /// <summary>True where there are refunds to be shown with it, whatever became of them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HasRefunds { get; init; }

    /// <summary>True where it was disputed, however that ended.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Disputed { get; init; }

    /// <summary>True where a dispute has its money.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ChargedBack { get; init; }
}

/// <summary>What may be kept of a card: never its number or security code.</summary>
public sealed record CardSnapshot
{
    public required string Brand { get; init; }

    public required string Last4 { get; init; }

    public required int ExpMonth { get; init; }

    public required int ExpYear { get; init; }

    public required string Funding { get; init; }

    public required string Country { get; init; }

    /// <summary>A keyed hash of the number: the same card gives the same fingerprint in this installation only.</summary>
    public required string Fingerprint { get; init; }

    /// <summary><c>pass</c>, <c>fail</c>, or null where no code was given.</summary>
    public string? CvcCheck { get; init; }

    public string? HolderName { get; init; }

    public Address? Address { get; init; }
}

/// <summary>What may be kept of a bank account.</summary>
/// <param name="RoutingNumber">Nine digits, or an IBAN's bank code.</param>
public sealed record BankAccountSnapshot(string BankName, string Last4, string RoutingNumber, string Fingerprint)
{
    private const string UnitedStates = "US";

    /// <summary>As the wire calls payments from it: <c>us_bank_account</c>, or <c>sepa_debit</c>.</summary>
    [JsonIgnore]
    public string Type => Country == UnitedStates ? "us_bank_account" : "sepa_debit";

    /// <summary>The bank's country, ISO 3166-1 alpha-2: the first two letters of an IBAN.</summary>
    public string Country { get; init; } = UnitedStates;

    /// <summary>An IBAN's, where its country has such.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BranchCode { get; init; }

    /// <summary>Its debits are disputed once they were paid.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Disputed { get; init; }

    /// <summary><c>individual</c> or <c>company</c>.</summary>
    public string HolderType { get; init; } = "individual";

    /// <summary><c>checking</c> or <c>savings</c>.</summary>
    public string AccountType { get; init; } = "checking";

    public string? HolderName { get; init; }

    /// <summary>How the bank will answer: null when it will pay.</summary>
    public ChargeFailure? Answer { get; init; }
}

/// <summary>Why a charge failed, as its <c>failure_code</c> and <c>failure_message</c> say.</summary>
public sealed record ChargeFailure(string Code, string Message);

/// <summary>A postal address; every part is optional.</summary>
public sealed record Address
{
    public string? City { get; init; }

    public string? Country { get; init; }

    public string? Line1 { get; init; }

    public string? Line2 { get; init; }

    public string? PostalCode { get; init; }

    public string? State { get; init; }
}

/// <summary>Where goods go.</summary>
public sealed record Shipping
{
    public Address? Address { get; init; }

    public string? Carrier { get; init; }

    public string? Name { get; init; }

    public string? Phone { get; init; }

    public string? TrackingNumber { get; init; }
}
