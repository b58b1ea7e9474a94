using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Refunds;

/// <summary>A charge's refunds, newest first.</summary>
public sealed record ListChargeRefunds(string Charge) : PageRequest, IQuery<Page<RefundObject>>;

internal sealed class ListChargeRefundsValidator : PageRequestValidator<ListChargeRefunds>;

internal sealed class ListChargeRefundsHandler(RequestContext context, ChargeStore charges, RefundStore refunds)
    : IRequestHandler<ListChargeRefunds, Page<RefundObject>>
{
    public async Task<Page<RefundObject>> Handle(ListChargeRefunds request, CancellationToken cancellationToken)
    {
        var charge = await charges.GetAsync(context.MerchantId, request.Charge);
        return (await refunds.ListAsync(context.MerchantId, request, charge.Id, paymentIntent: null, created: null)).Select(RefundObject.Of);
    }
}
