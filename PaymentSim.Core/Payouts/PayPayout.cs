using FluentValidation;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Scheduling;

namespace PaymentSim.Core.Payouts;

/// <summary>
/// A payout's money arrives at the merchant's bank. Answers the payout's status, null where there is no such payout; one that is not on its way, or not
/// yet due, is left as it is.
/// </summary>
public sealed record PayPayout(string MerchantId, string PayoutId) : ICommand<PayoutStatus?>, IJob
{
    string IJob.Key => PayoutId;
}

internal sealed class PayPayoutValidator : AbstractValidator<PayPayout>
{
    public PayPayoutValidator()
    {
        RuleFor(c => c.MerchantId).NotEmpty();
        RuleFor(c => c.PayoutId).NotEmpty();
    }
}

internal sealed class PayPayoutHandler(PayoutStore payouts, PayoutEvents events, TimeProvider clock) : IRequestHandler<PayPayout, PayoutStatus?>
{
    public async Task<PayoutStatus?> Handle(PayPayout request, CancellationToken cancellationToken)
    {
        var payout = await payouts.FindToChangeAsync(request.MerchantId, request.PayoutId);
        if (payout is not { Status: PayoutStatus.Pending } || payout.SettlesAt > clock.GetUtcNow()) return payout?.Status;

        var paid = payout.Become(PayoutStatus.Paid);
        await payouts.SaveAsync(paid);
        await events.AppendAsync(paid, EventTypes.PayoutPaid, payout);
        return paid.Status;
    }
}
