using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Refunds;

/// <summary>Calls a refund back that the customer's bank has not answered yet; its money returns to the balance.</summary>
public sealed record CancelRefund(string Id) : ICommand<RefundObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CancelRefundValidator : AbstractValidator<CancelRefund>;

internal sealed class CancelRefundHandler(RequestContext context, RefundStore refunds, ChargeStore charges, RefundReturn money)
    : IRequestHandler<CancelRefund, RefundObject>
{
    public async Task<RefundObject> Handle(CancelRefund request, CancellationToken cancellationToken)
    {
        var charge = await charges.GetToChangeAsync(context.MerchantId, (await refunds.GetAsync(context.MerchantId, request.Id)).Charge);
        var refund = await refunds.GetToChangeAsync(context.MerchantId, request.Id);
        return RefundObject.Of(await money.ReturnAsync(refund, charge, refund.Become(RefundStatus.Canceled)));
    }
}
