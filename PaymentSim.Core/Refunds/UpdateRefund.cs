using FluentValidation;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Refunds;

/// <summary>Changes a refund's metadata.</summary>
public sealed record UpdateRefund(string Id) : ICommand<RefundObject>, IExpands
{
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class UpdateRefundValidator : AbstractValidator<UpdateRefund>
{
    public UpdateRefundValidator() => RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
}

internal sealed class UpdateRefundHandler(RequestContext context, RefundStore refunds, RefundEvents events) : IRequestHandler<UpdateRefund, RefundObject>
{
    public async Task<RefundObject> Handle(UpdateRefund request, CancellationToken cancellationToken)
    {
        var before = await refunds.GetToChangeAsync(context.MerchantId, request.Id);
        var after = before with { Metadata = Metadata.Merge(before.Metadata, request.Metadata) };
        if (PreviousAttributes.Between(before.Metadata, after.Metadata).Count > 0)
        {
            await refunds.SaveAsync(after);
            await events.AppendChangeAsync(before, after);
        }

        return RefundObject.Of(after);
    }
}
