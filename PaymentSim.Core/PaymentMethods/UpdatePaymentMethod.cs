using FluentValidation;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>Changes a payment method; parameters that are not given stay, empty strings unset.</summary>
public sealed record UpdatePaymentMethod(string Id) : ICommand<PaymentMethodObject>
{
    public CardExpiry? Card { get; init; }

    public BillingParameters? BillingDetails { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary><c>always</c>, <c>limited</c> or <c>unspecified</c>.</summary>
    public string? AllowRedisplay { get; init; }

    /// <summary>Fields to expand, accepted as the official SDKs send them.</summary>
    public IReadOnlyList<string>? Expand { get; init; }
}

/// <summary>Until when a card can be used.</summary>
public sealed record CardExpiry
{
    /// <summary>1 to 12.</summary>
    public long? ExpMonth { get; init; }

    /// <summary>Four digits.</summary>
    public long? ExpYear { get; init; }
}

internal sealed class UpdatePaymentMethodValidator : AbstractValidator<UpdatePaymentMethod>
{
    public UpdatePaymentMethodValidator()
    {
        RuleFor(c => c.Card!.ExpMonth).InclusiveBetween(1, 12).When(c => c.Card is not null).WithMessage("Your card's expiration month is invalid.");
        RuleFor(c => c.Card!.ExpYear).InclusiveBetween(2000, 2099).When(c => c.Card is not null).WithMessage("Your card's expiration year is invalid.");
        RuleFor(c => c.AllowRedisplay).AllowRedisplay();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class UpdatePaymentMethodHandler(RequestContext context, PaymentMethodStore methods, EventLog events)
    : IRequestHandler<UpdatePaymentMethod, PaymentMethodObject>
{
    public async Task<PaymentMethodObject> Handle(UpdatePaymentMethod request, CancellationToken cancellationToken)
    {
        var before = await methods.FindToChangeAsync(context.MerchantId, request.Id) ?? throw new ProblemException(CardIntake.NoSuch(request.Id, "id"));
        var card = before.Details.Card;
        if (card is null && request.Card is not null) throw new ProblemException(Problem.Invalid("This payment method is no card.", "card"));
        var after = before with
        {
            Metadata = Metadata.Merge(before.Metadata, request.Metadata),
            Details = before.Details with
            {
                Card = card is null ? null : card with
                {
                    ExpMonth = (int?)request.Card?.ExpMonth ?? card.ExpMonth,
                    ExpYear = (int?)request.Card?.ExpYear ?? card.ExpYear,
                },
                Billing = request.BillingDetails?.Over(before.Details.Billing) ?? before.Details.Billing,
                AllowRedisplay = request.AllowRedisplay ?? before.Details.AllowRedisplay,
            },
        };

        var answer = PaymentMethodObject.Of(after);
        var previous = PreviousAttributes.Between(PaymentMethodObject.Of(before), answer);
        if (previous.Count > 0)
        {
            await methods.SaveAsync(after);
            await events.AppendAsync(after.MerchantId, EventTypes.PaymentMethodUpdated, after.Id, answer, previous);
        }

        return answer;
    }
}
