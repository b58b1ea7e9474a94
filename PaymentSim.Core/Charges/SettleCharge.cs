using FluentValidation;
using MediatR;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Scheduling;

namespace PaymentSim.Core.Charges;

/// <summary>
/// The bank answers a pending charge. Answers the charge's status, null where there is no such charge; one that is not pending any more is
/// left as it is.
/// </summary>
public sealed record SettleCharge(string MerchantId, string ChargeId) : ICommand<ChargeStatus?>, IJob
{
    string IJob.Key => ChargeId;
}

internal sealed class SettleChargeValidator : AbstractValidator<SettleCharge>
{
    public SettleChargeValidator()
    {
        RuleFor(c => c.MerchantId).NotEmpty();
        RuleFor(c => c.ChargeId).NotEmpty();
    }
}

internal sealed class SettleChargeHandler(ChargeStore charges, BankAnswer answer, PaymentIntentSettlement intents, TimeProvider clock)
    : IRequestHandler<SettleCharge, ChargeStatus?>
{
    public async Task<ChargeStatus?> Handle(SettleCharge request, CancellationToken cancellationToken)
    {
        var intent = await intents.BeginAsync(request.MerchantId, request.ChargeId);
        var charge = await charges.FindToChangeAsync(request.MerchantId, request.ChargeId);
        // Job engines plan by the second. While time passes, a part of one plays no part; where tests stop it, the order of what is due does.
        if (clock.StandsStill() && charge?.SettlesAt > clock.GetUtcNow()) return charge.Status;
        return charge is { Status: ChargeStatus.Pending }
            ? (await answer.GiveAsync(charge, charge.Details.BankAccount!.Answer, intent)).Status
            : charge?.Status;
    }
}
