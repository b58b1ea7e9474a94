using MediatR;
using PaymentSim.Core;
using PaymentSim.Core.Charges;

namespace PaymentSim.Api.Jobs;

/// <summary>The bank's answer to a pending charge.</summary>
public sealed class SettlementJob(IMediator mediator)
{
    public string Settle(string merchantId, string chargeId, CancellationToken cancellationToken) =>
        Blocking.Result(mediator.Send(new SettleCharge(merchantId, chargeId), cancellationToken))?.Wire() ?? "gone";
}
