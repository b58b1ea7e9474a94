using FluentValidation;
using MediatR;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Scheduling;

namespace PaymentSim.Core.Charges;

/// <summary>
/// An authorised charge's time to be captured is over. Answers true where it has expired by this, and false where it was captured or released before,
/// has time left, or is not there.
/// </summary>
public sealed record ExpireCharge(string MerchantId, string ChargeId) : ICommand<bool>, IJob
{
    string IJob.Key => ChargeId;
}

internal sealed class ExpireChargeValidator : AbstractValidator<ExpireCharge>
{
    public ExpireChargeValidator()
    {
        RuleFor(c => c.MerchantId).NotEmpty();
        RuleFor(c => c.ChargeId).NotEmpty();
    }
}

internal sealed class ExpireChargeHandler(ChargeStore charges, ChargeCapture capture, PaymentIntentSettlement intents, TimeProvider clock)
    : IRequestHandler<ExpireCharge, bool>
{
    public async Task<bool> Handle(ExpireCharge request, CancellationToken cancellationToken)
    {
        var intent = await intents.BeginAsync(request.MerchantId, request.ChargeId);
        var charge = await charges.FindToChangeAsync(request.MerchantId, request.ChargeId);
        if (charge is not { IsAuthorization: true } || charge.SettlesAt > clock.GetUtcNow()) return false;

        await capture.ExpireAsync(charge, intent);
        return true;
    }
}
