using FluentValidation;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Charges;

/// <summary>Changes what a charge says of itself; parameters that are not given stay, empty strings unset.</summary>
public sealed record UpdateCharge(string Id) : ICommand<ChargeObject>, IExpands
{
    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    [WithoutEffect]
    public string? ReceiptEmail { get; init; }

    public Shipping? Shipping { get; init; }

    public string? TransferGroup { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class UpdateChargeValidator : AbstractValidator<UpdateCharge>
{
    public UpdateChargeValidator()
    {
        RuleFor(c => c.Description).MaximumLength(5000).WithMessage("Invalid string: description can be at most 5000 characters.");
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class UpdateChargeHandler(RequestContext context, ChargeStore charges, ChargeObjects objects, ChargeEvents events)
    : IRequestHandler<UpdateCharge, ChargeObject>
{
    public async Task<ChargeObject> Handle(UpdateCharge request, CancellationToken cancellationToken)
    {
        var before = await charges.GetToChangeAsync(context.MerchantId, request.Id);
        var after = before with
        {
            Description = Text.Given(request.Description, before.Description),
            TransferGroup = Text.Given(request.TransferGroup, before.TransferGroup),
            Metadata = Metadata.Merge(before.Metadata, request.Metadata),
            Details = before.Details with
            {
                ReceiptEmail = Text.Given(request.ReceiptEmail, before.Details.ReceiptEmail),
                Shipping = request.Shipping ?? before.Details.Shipping,
            },
        };

        var previous = PreviousAttributes.Between(ChargeObject.Of(before), ChargeObject.Of(after));
        if (previous.Count > 0)
        {
            await charges.UpdateAsync(after);
            await events.AppendAsync(after, EventTypes.ChargeUpdated, previous);
        }

        return await objects.OfAsync(after);
    }
}
