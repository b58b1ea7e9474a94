using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Scheduling;

namespace PaymentSim.Core.Disputes;

/// <summary>
/// The customer's bank decides a dispute: by its evidence, or because there is none in time. Answers the dispute's status, null where it or its
/// charge is not there; one that is decided, or not yet due, is left as it is.
/// </summary>
public sealed record DecideDispute(string MerchantId, string DisputeId) : ICommand<DisputeStatus?>, IJob
{
    string IJob.Key => DisputeId;
}

internal sealed class DecideDisputeValidator : AbstractValidator<DecideDispute>
{
    public DecideDisputeValidator()
    {
        RuleFor(c => c.MerchantId).NotEmpty();
        RuleFor(c => c.DisputeId).NotEmpty();
    }
}

internal sealed class DecideDisputeHandler(DisputeStore disputes, ChargeStore charges, DisputeEnd end, TimeProvider clock) : IRequestHandler<DecideDispute, DisputeStatus?>
{
    public async Task<DisputeStatus?> Handle(DecideDispute request, CancellationToken cancellationToken)
    {
        // The charge before its dispute, as everywhere.
        if (await disputes.FindAsync(request.MerchantId, request.DisputeId) is not { } found
            || await charges.FindToChangeAsync(request.MerchantId, found.Charge) is not { } charge)
        {
            return null;
        }

        var dispute = await disputes.GetToChangeAsync(request.MerchantId, request.DisputeId);
        if (!dispute.IsOpen || dispute.SettlesAt is not { } due || due > clock.GetUtcNow()) return dispute.Status;
        return (await end.EndAsync(dispute, charge, dispute.Decided())).Status;
    }
}
