using FluentValidation;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Payouts;

/// <summary>Changes a payout's metadata.</summary>
public sealed record UpdatePayout(string Id) : ICommand<PayoutObject>, IExpands
{
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class UpdatePayoutValidator : AbstractValidator<UpdatePayout>
{
    public UpdatePayoutValidator() => RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
}

internal sealed class UpdatePayoutHandler(RequestContext context, PayoutStore payouts, PayoutEvents events) : IRequestHandler<UpdatePayout, PayoutObject>
{
    public async Task<PayoutObject> Handle(UpdatePayout request, CancellationToken cancellationToken)
    {
        var before = await payouts.GetToChangeAsync(context.MerchantId, request.Id);
        var after = before with { Metadata = Metadata.Merge(before.Metadata, request.Metadata) };
        if (PreviousAttributes.Between(before.Metadata, after.Metadata).Count > 0)
        {
            await payouts.SaveAsync(after);
            await events.AppendAsync(after, EventTypes.PayoutUpdated, before);
        }

        return PayoutObject.Of(after);
    }
}
