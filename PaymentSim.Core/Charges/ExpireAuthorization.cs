using FluentValidation;
using MediatR;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Charges;

/// <summary>For tests: the seven days of an authorised charge are over now.</summary>
public sealed record ExpireAuthorization(string Charge) : ICommand<ChargeObject>;

internal sealed class ExpireAuthorizationValidator : AbstractValidator<ExpireAuthorization>;

internal sealed class ExpireAuthorizationHandler(RequestContext context, ChargeStore charges, ChargeCapture capture, PaymentIntentSettlement intents)
    : IRequestHandler<ExpireAuthorization, ChargeObject>
{
    public async Task<ChargeObject> Handle(ExpireAuthorization request, CancellationToken cancellationToken)
    {
        var intent = await intents.BeginAsync(context.MerchantId, request.Charge);
        return ChargeObject.Of(await capture.ExpireAsync(await charges.GetToChangeAsync(context.MerchantId, request.Charge), intent));
    }
}
