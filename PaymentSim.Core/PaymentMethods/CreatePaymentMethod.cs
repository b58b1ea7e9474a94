using System.Text.Json;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>Keeps a card as a payment method that belongs to no customer yet.</summary>
public sealed record CreatePaymentMethod : ICommand<PaymentMethodObject>
{
    /// <summary><c>card</c>.</summary>
    public string? Type { get; init; }

    public CardParameters? Card { get; init; }

    public BillingParameters? BillingDetails { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary><c>always</c>, <c>limited</c> or <c>unspecified</c>.</summary>
    public string? AllowRedisplay { get; init; }

    /// <summary>Fields to expand, accepted as the official SDKs send them.</summary>
    public IReadOnlyList<string>? Expand { get; init; }
}

/// <summary>A card typed in, or a token.</summary>
public sealed record CardParameters
{
    public string? Number { get; init; }

    public long? ExpMonth { get; init; }

    public long? ExpYear { get; init; }

    public string? Cvc { get; init; }

    /// <summary><c>tok_…</c>, in place of card data.</summary>
    public string? Token { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    public JsonElement? Networks { get; init; }

    internal ChargeSource Source => Token is { } token
        ? ChargeSource.FromString(token)
        : new ChargeSource { Number = Number, ExpMonth = ExpMonth, ExpYear = ExpYear, Cvc = Cvc };

    /// <summary>Never the content: it may be a card number.</summary>
    public override string ToString() => "card data";
}

/// <summary>Who pays; parameters that are not given stay as they are, empty strings unset.</summary>
public sealed record BillingParameters
{
    public Address? Address { get; init; }

    public string? Email { get; init; }

    public string? Name { get; init; }

    public string? Phone { get; init; }

    public string? TaxId { get; init; }

    internal BillingDetails Over(BillingDetails current) => new()
    {
        Address = Address ?? current.Address,
        Email = Text.Given(Email, current.Email),
        Name = Text.Given(Name, current.Name),
        Phone = Text.Given(Phone, current.Phone),
        TaxId = Text.Given(TaxId, current.TaxId),
    };
}

internal sealed class CreatePaymentMethodValidator : AbstractValidator<CreatePaymentMethod>
{
    public CreatePaymentMethodValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Type).NotEmpty().WithMessage("Missing required param: type.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.Type).Equal("card").WithMessage("Invalid type: PaymentSim keeps payment methods of the type card.");
        RuleFor(c => c.Card).NotNull().WithMessage("Missing required param: card.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.Card!.Number).Null().When(c => c.Card!.Token is not null)
            .WithMessage("You may pass only one of card[number] and card[token].").OverridePropertyName("card[number]");
        RuleFor(c => c.Card!.Source).SetValidator(new ChargeSourceValidator("card")).OverridePropertyName("card");
        RuleFor(c => c.AllowRedisplay).AllowRedisplay();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

/// <summary>The rules that creating and updating a payment method share.</summary>
internal static class PaymentMethodRules
{
    public static void AllowRedisplay<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(value => value is null or "always" or "limited" or "unspecified")
        .WithMessage("Invalid allow_redisplay: must be one of always, limited, or unspecified");
}

internal sealed class CreatePaymentMethodHandler(RequestContext context, CardIntake intake, PaymentMethodStore methods, Ids ids, TimeProvider clock)
    : IRequestHandler<CreatePaymentMethod, PaymentMethodObject>
{
    public async Task<PaymentMethodObject> Handle(CreatePaymentMethod request, CancellationToken cancellationToken)
    {
        var (card, _) = await intake.TakeAsync(context.MerchantId, request.Card!.Source, "card[token]");
        var billing = new BillingDetails { Name = card.HolderName, Address = card.Address ?? new Address() };
        var method = new PaymentMethod
        {
            Id = ids.New("pm"),
            MerchantId = context.MerchantId,
            Details = new SavedCard
            {
                Card = card,
                Billing = request.BillingDetails?.Over(billing) ?? billing,
                AllowRedisplay = request.AllowRedisplay ?? "unspecified",
            },
            Metadata = Metadata.Merge(new Dictionary<string, string>(), request.Metadata),
            CreatedAt = clock.GetUtcNow(),
        };
        await methods.SaveAsync(method);
        return PaymentMethodObject.Of(method);
    }
}
