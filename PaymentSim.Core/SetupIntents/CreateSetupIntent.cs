using System.Text.Json;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.SetupIntents;

/// <summary>Begins to make a payment method ready to be charged later, and with <see cref="Confirm"/> tries it at once.</summary>
public sealed record CreateSetupIntent : SetupIntentParameters, ICommand<SetupIntentAttempt>
{
    /// <summary>The processor chooses the types of payment methods; so it does where neither this nor a list of types is given.</summary>
    public AutomaticPaymentMethodsParameters? AutomaticPaymentMethods { get; init; }

    /// <summary>True: confirm it at once.</summary>
    public bool? Confirm { get; init; }

    /// <summary>Who gets the payment method.</summary>
    public string? Customer { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary><c>on_session</c> or <c>off_session</c>, which it is unless told.</summary>
    public string? Usage { get; init; }

    /// <summary>Where the cardholder goes after a check.</summary>
    public string? ReturnUrl { get; init; }

    [WithoutEffect]
    public string? OnBehalfOf { get; init; }

    /// <summary>Kept, and without effect.</summary>
    [WithoutEffect]
    public IReadOnlyList<string>? ExcludedPaymentMethodTypes { get; init; }

    /// <summary>Kept, and without effect.</summary>
    [WithoutEffect]
    public IReadOnlyList<string>? FlowDirections { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? MandateData { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public bool? UseStripeSdk { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public string? PaymentMethodConfiguration { get; init; }
}

internal sealed class CreateSetupIntentValidator : SetupIntentParametersValidator<CreateSetupIntent>
{
    public CreateSetupIntentValidator()
    {
        When(c => c.AutomaticPaymentMethods is not null, () => RuleFor(c => c.AutomaticPaymentMethods!).SetValidator(new AutomaticPaymentMethodsValidator()));
        RuleFor(c => c.PaymentMethodTypes).Null().When(c => c.AutomaticPaymentMethods?.Enabled == true)
            .WithMessage("You may only specify one of these parameters: automatic_payment_methods, payment_method_types.");
        RuleFor(c => c.Usage).OneOf("usage", "on_session", "off_session");
        RuleFor(c => c.ReturnUrl).ReturnUrl();
        RuleFor(c => c.ReturnUrl).Null().When(c => c.Confirm != true).WithMessage("return_url needs confirm=true.");
        RuleFor(c => c.Description).Description();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class CreateSetupIntentHandler(
    RequestContext context, SetupIntentChanges changes, SetupIntentAttempts attempts, PaymentMethodChoice choice, CustomerStore customers, Ids ids, TimeProvider clock)
    : IRequestHandler<CreateSetupIntent, SetupIntentAttempt>
{
    public async Task<SetupIntentAttempt> Handle(CreateSetupIntent request, CancellationToken cancellationToken)
    {
        if (Text.NullIfEmpty(request.Customer) is { } customer) await customers.GetAsync(context.MerchantId, customer, "customer");
        var intent = await request.ApplyToAsync(Decide(request), choice);
        await changes.SaveAsync(intent, EventTypes.SetupIntentCreated);
        return request.Confirm == true
            ? await attempts.ConfirmAsync(intent, Text.NullIfEmpty(request.ReturnUrl))
            : new SetupIntentAttempt(SetupIntentObject.Of(intent));
    }

    private SetupIntent Decide(CreateSetupIntent request)
    {
        var id = ids.New("seti");
        return new SetupIntent
        {
            Id = id,
            MerchantId = context.MerchantId,
            Status = SetupIntentStatus.RequiresPaymentMethod,
            Customer = Text.NullIfEmpty(request.Customer),
            Metadata = Metadata.Merge(new Dictionary<string, string>(), request.Metadata),
            CreatedAt = clock.GetUtcNow(),
            Details = new SetupIntentDetails
            {
                ClientSecret = ClientSecret.New(id),
                Usage = Text.NullIfEmpty(request.Usage) ?? "off_session",
                AutomaticPaymentMethods = AutomaticPaymentMethodsParameters.Choose(request.AutomaticPaymentMethods),
                PaymentMethodTypes = AutomaticPaymentMethodsParameters.TypesOf(request.AutomaticPaymentMethods, currency: null),
                PaymentMethodOptions = JsonSerializer.SerializeToElement(new { }),
                ExcludedPaymentMethodTypes = request.ExcludedPaymentMethodTypes,
                FlowDirections = request.FlowDirections,
                Description = Text.NullIfEmpty(request.Description),
                OnBehalfOf = Text.NullIfEmpty(request.OnBehalfOf),
            },
        };
    }
}
