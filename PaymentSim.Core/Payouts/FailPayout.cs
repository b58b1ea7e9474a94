using FluentValidation;
using MediatR;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Payouts;

/// <summary>For tests: the merchant's bank refuses a payout, or sends one back that had arrived; its money returns to the balance.</summary>
public sealed record FailPayout(string Payout) : ICommand<PayoutObject>
{
    /// <summary>One of those of the real API; <c>could_not_process</c> unless told.</summary>
    public string? FailureCode { get; init; }
}

internal sealed class FailPayoutValidator : AbstractValidator<FailPayout>
{
    public FailPayoutValidator() => RuleFor(c => c.FailureCode).Must(code => code is null || FailPayoutHandler.Failures.ContainsKey(code))
        .WithMessage($"Invalid failure_code: must be one of {string.Join(", ", FailPayoutHandler.Failures.Keys)}");
}

internal sealed class FailPayoutHandler(RequestContext context, PayoutStore payouts, PayoutEvents events, Ledger ledger) : IRequestHandler<FailPayout, PayoutObject>
{
    private const string Usual = "could_not_process";

    /// <summary>Each with what the merchant is told.</summary>
    public static readonly IReadOnlyDictionary<string, string> Failures = new Dictionary<string, string>
    {
        ["account_closed"] = "The bank account has been closed.",
        ["account_frozen"] = "The bank account has been frozen.",
        ["bank_account_restricted"] = "The bank account has restrictions on either the type, or the number, of payouts allowed.",
        ["bank_ownership_changed"] = "The destination bank account is no longer valid because its branch has changed ownership.",
        [Usual] = "The bank could not process this payout.",
        ["debit_not_authorized"] = "Debit transactions are not approved on the bank account.",
        ["declined"] = "The bank has declined this payout.",
        ["incorrect_account_holder_name"] = "The bank's name of the account's holder is another one.",
        ["insufficient_funds"] = "There are not enough funds to cover this payout.",
        ["invalid_account_number"] = "The routing number seems correct, but the account number is invalid.",
        ["invalid_currency"] = "The bank was unable to process this payout because of its currency.",
        ["no_account"] = "The bank account could not be located.",
    };

    public async Task<PayoutObject> Handle(FailPayout request, CancellationToken cancellationToken)
    {
        var payout = await payouts.GetToChangeAsync(context.MerchantId, request.Payout);
        var code = request.FailureCode ?? Usual;
        var failed = payout.Failed(code, Failures[code]);
        var transaction = await ledger.RecordAsync(
            new Movement(payout.MerchantId, BalanceTransactionType.PayoutFailure, payout.Amount, payout.Currency, payout.Id) { Description = "PAYOUT FAILURE" });
        failed = failed with { Details = failed.Details with { FailureBalanceTransaction = transaction.Id } };
        await payouts.SaveAsync(failed);
        await events.AppendAsync(failed, EventTypes.PayoutFailed, payout);
        return PayoutObject.Of(failed);
    }
}
