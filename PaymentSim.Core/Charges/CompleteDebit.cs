using FluentValidation;
using MediatR;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Charges;

/// <summary>For tests: the bank pays a pending debit now, whatever its account is for.</summary>
public sealed record CompleteDebit(string Charge) : ICommand<ChargeObject>;

internal sealed class CompleteDebitValidator : AbstractValidator<CompleteDebit>;

internal sealed class CompleteDebitHandler(RequestContext context, ChargeStore charges, BankAnswer answer, PaymentIntentSettlement intents)
    : IRequestHandler<CompleteDebit, ChargeObject>
{
    public async Task<ChargeObject> Handle(CompleteDebit request, CancellationToken cancellationToken)
    {
        var intent = await intents.BeginAsync(context.MerchantId, request.Charge);
        return ChargeObject.Of(await answer.GiveAsync(await charges.GetToChangeAsync(context.MerchantId, request.Charge), failure: null, intent));
    }
}
