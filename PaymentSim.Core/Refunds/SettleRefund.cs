using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Scheduling;

namespace PaymentSim.Core.Refunds;

/// <summary>
/// The customer's bank answers a refund. Answers the refund's status, null where it or its charge is not there; one that is not waiting for an answer any more,
/// or not yet due, is left as it is.
/// </summary>
public sealed record SettleRefund(string MerchantId, string RefundId) : ICommand<RefundStatus?>, IJob
{
    string IJob.Key => RefundId;
}

internal sealed class SettleRefundValidator : AbstractValidator<SettleRefund>
{
    public SettleRefundValidator()
    {
        RuleFor(c => c.MerchantId).NotEmpty();
        RuleFor(c => c.RefundId).NotEmpty();
    }
}

internal sealed class SettleRefundHandler(RefundStore refunds, ChargeStore charges, RefundEvents events, RefundReturn money, TimeProvider clock)
    : IRequestHandler<SettleRefund, RefundStatus?>
{
    public async Task<RefundStatus?> Handle(SettleRefund request, CancellationToken cancellationToken)
    {
        // The charge before its refunds, as everywhere.
        if (await refunds.FindAsync(request.MerchantId, request.RefundId) is not { } found
            || await charges.FindToChangeAsync(request.MerchantId, found.Charge) is not { } charge)
        {
            return null;
        }

        var refund = await refunds.GetToChangeAsync(request.MerchantId, request.RefundId);
        if (refund.SettlesAt is not { } due || due > clock.GetUtcNow()) return refund.Status;

        if (refund.Details.Answer is { } reason)
        {
            var failed = refund.Become(RefundStatus.Failed);
            return (await money.ReturnAsync(refund, charge, failed with { Details = failed.Details with { FailureReason = reason } })).Status;
        }

        var succeeded = refund.Become(RefundStatus.Succeeded);
        await refunds.SaveAsync(succeeded);
        await events.AppendChangeAsync(refund, succeeded);
        return succeeded.Status;
    }
}
