using MediatR;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Checkout;

namespace PaymentSim.Api.Jobs;

/// <summary>What happens to payments by itself. Each method's first arguments are the merchant's id and the object's.</summary>
public sealed class SettlementJob(IMediator mediator)
{
    public string Settle(string merchantId, string chargeId, CancellationToken cancellationToken) =>
        Blocking.Result(mediator.Send(new SettleCharge(merchantId, chargeId), cancellationToken))?.Wire() ?? "gone";

    public string Expire(string merchantId, string chargeId, CancellationToken cancellationToken) =>
        Blocking.Result(mediator.Send(new ExpireCharge(merchantId, chargeId), cancellationToken)) ? "expired" : "nothing to do";

    public string ExpireSession(string merchantId, string sessionId, CancellationToken cancellationToken) =>
        Blocking.Result(mediator.Send(new ExpireOverdueSession(merchantId, sessionId), cancellationToken))?.Wire() ?? "gone";
}
