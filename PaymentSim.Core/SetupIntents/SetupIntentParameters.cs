using System.Text.Json;
using FluentValidation;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.SetupIntents;

/// <summary>What can be said of a setup intent when it is created, updated or confirmed. What is not given stays, empty texts unset.</summary>
public abstract record SetupIntentParameters : IExpands
{
    /// <summary>A payment method's id, or a name such as <c>pm_card_visa</c>.</summary>
    public string? PaymentMethod { get; init; }

    /// <summary>In place of a payment method: makes a new one.</summary>
    public PaymentMethodParameters? PaymentMethodData { get; init; }

    /// <summary>Kept, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? PaymentMethodOptions { get; init; }

    /// <summary>The types of payment methods that it takes; else the processor chooses them.</summary>
    public IReadOnlyList<string>? AllowedPaymentMethodTypes { get; init; }

    /// <summary>The former name of <see cref="AllowedPaymentMethodTypes"/>.</summary>
    public IReadOnlyList<string>? PaymentMethodTypes { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }

    private IReadOnlyList<string>? Types => AllowedPaymentMethodTypes ?? PaymentMethodTypes;

    internal SetupIntentDetails Over(SetupIntentDetails current) => current with
    {
        PaymentMethodOptions = PaymentMethodOptions ?? current.PaymentMethodOptions,
        PaymentMethodTypes = Types ?? current.PaymentMethodTypes,
        AllowedPaymentMethodTypes = AllowedPaymentMethodTypes ?? current.AllowedPaymentMethodTypes,
        AutomaticPaymentMethods = PaymentMethodTypes is null ? current.AutomaticPaymentMethods : null,
    };

    /// <summary>The intent with what is given: with another payment method it waits to be confirmed.</summary>
    internal async Task<SetupIntent> ApplyToAsync(SetupIntent intent, PaymentMethodChoice choice)
    {
        if (Types is not null || PaymentMethodOptions is not null || PaymentMethod is not null || PaymentMethodData is not null) intent.Require(SetupIntentAction.Update);
        var changed = intent with { Details = Over(intent.Details) };
        if (await choice.OfAsync(intent.MerchantId, intent.Customer, PaymentMethod, PaymentMethodData) is not { } method) return changed;
        return changed.Become(method.Length > 0 ? SetupIntentStatus.RequiresConfirmation : SetupIntentStatus.RequiresPaymentMethod, SetupIntentAction.Update) with
        {
            PaymentMethod = Text.NullIfEmpty(method),
            Details = changed.Details with { NextAction = null },
        };
    }
}

internal abstract class SetupIntentParametersValidator<T> : AbstractValidator<T>
    where T : SetupIntentParameters
{
    protected SetupIntentParametersValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.PaymentMethodTypes).MethodTypes();
        RuleFor(c => c.AllowedPaymentMethodTypes).MethodTypes();
        RuleFor(c => c.PaymentMethodData).Null().When(c => !string.IsNullOrEmpty(c.PaymentMethod))
            .WithMessage("You may only specify one of these parameters: payment_method, payment_method_data.");
        RuleFor(c => c.PaymentMethodData!).SetValidator(new PaymentMethodParametersValidator("payment_method_data")).When(c => c.PaymentMethodData is not null);
        RuleFor(c => c.PaymentMethodOptions).MethodOptions();
    }
}
