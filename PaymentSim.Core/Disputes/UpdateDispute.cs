using FluentValidation;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Disputes;

/// <summary>Adds evidence to a dispute and submits it, unless told not to; changes metadata. What is not given stays, empty strings unset.</summary>
public sealed record UpdateDispute(string Id) : ICommand<DisputeObject>, IExpands
{
    /// <summary>
    /// By the names of <see cref="DisputeEvidence.Names"/>. The text <c>winning_evidence</c> or <c>losing_evidence</c> as <c>uncategorized_text</c>
    /// decides a dispute once it is submitted; with any other evidence it stays under review.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Evidence { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>False: the evidence is kept, to be submitted later. True unless told, where evidence is given.</summary>
    public bool? Submit { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class UpdateDisputeValidator : AbstractValidator<UpdateDispute>
{
    public UpdateDisputeValidator()
    {
        RuleFor(c => c.Evidence).SetValidator(new DisputeEvidenceValidator()!);
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class UpdateDisputeHandler(
    RequestContext context, DisputeStore disputes, DisputeEnd locks, DisputeEvents events, DisputeDecisions decisions, TimeProvider clock)
    : IRequestHandler<UpdateDispute, DisputeObject>
{
    public async Task<DisputeObject> Handle(UpdateDispute request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (before, _) = await locks.GetToChangeAsync(context.MerchantId, request.Id);
        var after = before with { Metadata = Metadata.Merge(before.Metadata, request.Metadata) };
        if (request.Evidence is { } evidence)
        {
            before.MustTakeEvidence();
            after = after with { Details = after.Details with { Evidence = DisputeEvidence.Merge(before.Details.Evidence, evidence) } };
        }

        if (request.Submit ?? request.Evidence is not null)
        {
            after = after.Submitted(now);
            decisions.Schedule(after);
        }

        var answer = DisputeObject.Of(after, now);
        if (PreviousAttributes.Between(DisputeObject.Of(before, now), answer).Count > 0)
        {
            await disputes.SaveAsync(after);
            await events.AppendAsync(after, EventTypes.DisputeUpdated, before);
        }

        return answer;
    }
}
