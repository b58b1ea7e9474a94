using FluentValidation;
using MediatR;
using PaymentSim.Core.Network;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Charges;

/// <summary>For tests: the bank refuses a pending debit now, whatever its account is for.</summary>
public sealed record FailDebit(string Charge) : ICommand<ChargeObject>
{
    /// <summary>One of the failure codes of the test bank accounts; <c>insufficient_funds</c> unless told.</summary>
    public string? FailureCode { get; init; }
}

internal sealed class FailDebitValidator : AbstractValidator<FailDebit>
{
    public FailDebitValidator() => RuleFor(c => c.FailureCode).Must(code => code is null || FailDebitHandler.Failures.ContainsKey(code))
        .WithMessage($"Invalid failure_code: must be one of {string.Join(", ", FailDebitHandler.Failures.Keys)}");
}

internal sealed class FailDebitHandler(RequestContext context, ChargeStore charges, BankAnswer answer, PaymentIntentSettlement intents)
    : IRequestHandler<FailDebit, ChargeObject>
{
    private const string Usual = "insufficient_funds";

    public static readonly IReadOnlyDictionary<string, ChargeFailure> Failures = TestBankAccounts.All.Concat(TestIbans.All)
        .Select(account => account.Failure).OfType<BankFailure>().DistinctBy(failure => failure.Code)
        .ToDictionary(failure => failure.Code, failure => new ChargeFailure(failure.Code, failure.Message));

    public async Task<ChargeObject> Handle(FailDebit request, CancellationToken cancellationToken)
    {
        var intent = await intents.BeginAsync(context.MerchantId, request.Charge);
        var pending = await charges.GetToChangeAsync(context.MerchantId, request.Charge);
        return ChargeObject.Of(await answer.GiveAsync(pending, Failures[request.FailureCode ?? Usual], intent));
    }
}
