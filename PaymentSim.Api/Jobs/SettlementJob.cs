using MediatR;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Checkout;
using PaymentSim.Core.Disputes;
using PaymentSim.Core.Payouts;
using PaymentSim.Core.Refunds;

namespace PaymentSim.Api.Jobs;

/// <summary>What happens to payments by itself. Each method's first arguments are the merchant's id and the object's.</summary>
public sealed class SettlementJob(IMediator mediator)
{
    public string Settle(string merchantId, string chargeId, CancellationToken cancellationToken) =>
        Blocking.Result(mediator.Send(new SettleCharge(merchantId, chargeId), cancellationToken))?.Wire() ?? "gone";

    public string Expire(string merchantId, string chargeId, CancellationToken cancellationToken) =>
        Blocking.Result(mediator.Send(new ExpireCharge(merchantId, chargeId), cancellationToken)) ? "expired" : "nothing to do";

    public string Decide(string merchantId, string disputeId, CancellationToken cancellationToken) =>
        Blocking.Result(mediator.Send(new DecideDispute(merchantId, disputeId), cancellationToken))?.Wire() ?? "gone";

    public string Pay(string merchantId, string payoutId, CancellationToken cancellationToken) =>
        Blocking.Result(mediator.Send(new PayPayout(merchantId, payoutId), cancellationToken))?.Wire() ?? "gone";

    public string SettleRefund(string merchantId, string refundId, CancellationToken cancellationToken) =>
        Blocking.Result(mediator.Send(new SettleRefund(merchantId, refundId), cancellationToken))?.Wire() ?? "gone";

    public string ExpireSession(string merchantId, string sessionId, CancellationToken cancellationToken) =>
        Blocking.Result(mediator.Send(new ExpireOverdueSession(merchantId, sessionId), cancellationToken))?.Wire() ?? "gone";
}
