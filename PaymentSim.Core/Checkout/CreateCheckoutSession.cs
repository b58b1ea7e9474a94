using System.Globalization;
using System.Text.Json;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Customers;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Checkout;

/// <summary>Opens a page on which a customer pays for what it lists.</summary>
public sealed record CreateCheckoutSession : ICommand<CheckoutSessionObject>, IExpands
{
    /// <summary><c>payment</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>What is bought: 1 to 100 items.</summary>
    public IReadOnlyList<LineItemParameters>? LineItems { get; init; }

    /// <summary>Where the customer goes once it has paid; <c>{CHECKOUT_SESSION_ID}</c> in it becomes the session's id.</summary>
    public string? SuccessUrl { get; init; }

    /// <summary>Where the customer goes who does not pay.</summary>
    public string? CancelUrl { get; init; }

    public string? Customer { get; init; }

    public string? CustomerEmail { get; init; }

    public string? ClientReferenceId { get; init; }

    /// <summary>Unix seconds, 30 minutes to 24 hours from now; 24 hours unless told.</summary>
    public long? ExpiresAt { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public CheckoutPayment? PaymentIntentData { get; init; }

    /// <summary>The items' own.</summary>
    public string? Currency { get; init; }

    /// <summary>Only <c>card</c>.</summary>
    public IReadOnlyList<string>? AllowedPaymentMethodTypes { get; init; }

    /// <summary>The former name of <see cref="AllowedPaymentMethodTypes"/>.</summary>
    public IReadOnlyList<string>? PaymentMethodTypes { get; init; }

    /// <summary><c>hosted</c> or <c>hosted_page</c>.</summary>
    public string? UiMode { get; init; }

    /// <summary>Kept, and without effect.</summary>
    [WithoutEffect]
    public string? BillingAddressCollection { get; init; }

    /// <summary>Kept, and without effect.</summary>
    [WithoutEffect]
    public string? Locale { get; init; }

    /// <summary>Kept, and without effect.</summary>
    [WithoutEffect]
    public string? SubmitType { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public bool? AllowPromotionCodes { get; init; }

    /// <summary><c>if_required</c>.</summary>
    public string? CustomerCreation { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? PaymentMethodOptions { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? PhoneNumberCollection { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

/// <summary>What is bought.</summary>
public sealed record LineItemParameters
{
    public PriceParameters? PriceData { get; init; }

    /// <summary>1 to 999999.</summary>
    public long? Quantity { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? AdjustableQuantity { get; init; }
}

/// <summary>A price for one line item.</summary>
public sealed record PriceParameters
{
    /// <summary>ISO 4217 code.</summary>
    public string? Currency { get; init; }

    public ProductParameters? ProductData { get; init; }

    /// <summary>Minor units.</summary>
    public long? UnitAmount { get; init; }

    /// <summary>In place of the unit amount; a whole number.</summary>
    public string? UnitAmountDecimal { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public string? TaxBehavior { get; init; }

    /// <summary>Minor units; null where there is none, or it is no whole number.</summary>
    internal long? Amount => UnitAmount
        ?? (decimal.TryParse(UnitAmountDecimal, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && decimal.IsInteger(value) && value <= Core.Currency.Maximum ? (long)value : null);
}

/// <summary>What a price is for.</summary>
public sealed record ProductParameters
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    /// <summary>Accepted, and without effect: the page loads nothing from elsewhere.</summary>
    [WithoutEffect]
    public IReadOnlyList<string>? Images { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public string? TaxCode { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public string? UnitLabel { get; init; }
}

internal sealed class CreateCheckoutSessionValidator : AbstractValidator<CreateCheckoutSession>
{
    private const int MostItems = 100;

    public CreateCheckoutSessionValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Mode).NotEmpty().WithMessage("Missing required param: mode.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.Mode).Equal("payment").WithMessage("Invalid mode: PaymentSim has Checkout Sessions of the mode payment.");
        RuleFor(c => c.UiMode).OneOf("ui_mode", "hosted", "hosted_page");
        RuleFor(c => c.LineItems).NotEmpty().WithMessage("Missing required param: line_items.").WithCode(ProblemCode.ParameterMissing)
            .Must(items => items!.Count <= MostItems).WithMessage($"You may give up to {MostItems} line items.");
        RuleForEach(c => c.LineItems).SetValidator(new LineItemValidator());
        RuleFor(c => c.LineItems).Must(items => items!.Select(item => item.PriceData!.Currency!.ToLowerInvariant()).Distinct().Count() == 1)
            .WithMessage("All line items must have the same currency.");
        RuleFor(c => c.Currency).Must((c, currency) => currency!.Equals(c.LineItems![0].PriceData!.Currency, StringComparison.OrdinalIgnoreCase))
            .When(c => !string.IsNullOrEmpty(c.Currency)).WithMessage("The currency must be the line items' own.");
        RuleFor(c => c.SuccessUrl).NotEmpty().WithMessage("Missing required param: success_url.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.SuccessUrl).ReturnUrl();
        RuleFor(c => c.CancelUrl).ReturnUrl();
        RuleFor(c => c.CustomerEmail).ReceiptEmail();
        RuleFor(c => c.CustomerEmail).Empty().When(c => !string.IsNullOrEmpty(c.Customer))
            .WithMessage("You may only specify one of these parameters: customer, customer_email.");
        RuleFor(c => c.CustomerCreation).OneOf("customer_creation", "if_required");
        RuleFor(c => c.AllowedPaymentMethodTypes).Must(OnlyCards).WithMessage("Checkout Sessions of PaymentSim take cards only.");
        RuleFor(c => c.PaymentMethodTypes).Must(OnlyCards).WithMessage("Checkout Sessions of PaymentSim take cards only.");
        RuleFor(c => c.ClientReferenceId).MaximumLength(200).WithMessage("Invalid string: client_reference_id can be at most 200 characters.");
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
        When(c => c.PaymentIntentData is not null, () =>
        {
            RuleFor(c => c.PaymentIntentData!.CaptureMethod).OneOf("capture_method", "automatic", "automatic_async", "manual");
            RuleFor(c => c.PaymentIntentData!.SetupFutureUsage).OneOf("setup_future_usage", "on_session", "off_session");
            RuleFor(c => c.PaymentIntentData!.Description).Description();
            RuleFor(c => c.PaymentIntentData!.ReceiptEmail).ReceiptEmail();
            RuleFor(c => c.PaymentIntentData!.StatementDescriptor).StatementDescriptor();
            RuleFor(c => c.PaymentIntentData!.StatementDescriptorSuffix).StatementDescriptorSuffix();
            RuleFor(c => c.PaymentIntentData!.Metadata).SetValidator(new MetadataValidator()!);
        });
    }

    private static bool OnlyCards(IReadOnlyList<string>? types) => types is null || (types.Count > 0 && types.All(type => type == IntentRules.Card));

    private sealed class LineItemValidator : AbstractValidator<LineItemParameters>
    {
        private const long MostPieces = 999_999;

        public LineItemValidator()
        {
            ClassLevelCascadeMode = CascadeMode.Stop;
            RuleLevelCascadeMode = CascadeMode.Stop;

            RuleFor(i => i.PriceData).NotNull().WithMessage("Missing required param: price_data; PaymentSim keeps no prices.").WithCode(ProblemCode.ParameterMissing);
            RuleFor(i => i.PriceData!.Currency).NotEmpty().WithMessage("Missing required param: currency.").WithCode(ProblemCode.ParameterMissing).Currency();
            RuleFor(i => i.PriceData!.Amount).NotNull().OverridePropertyName("PriceData.UnitAmount")
                .WithMessage("Missing required param: unit_amount.").WithCode(ProblemCode.ParameterMissing);
            RuleFor(i => i.PriceData!.Amount).InclusiveBetween(0, Core.Currency.Maximum).OverridePropertyName("PriceData.UnitAmount")
                .WithMessage("Invalid non-negative integer").WithCode(ProblemCode.ParameterInvalidInteger);
            RuleFor(i => i.PriceData!.ProductData).NotNull().WithMessage("Missing required param: product_data; PaymentSim keeps no products.")
                .WithCode(ProblemCode.ParameterMissing);
            RuleFor(i => i.PriceData!.ProductData!.Name).NotEmpty().WithMessage("Missing required param: name.").WithCode(ProblemCode.ParameterMissing)
                .MaximumLength(250).WithMessage("Invalid string: name can be at most 250 characters.");
            RuleFor(i => i.PriceData!.ProductData!.Description).Description();
            RuleFor(i => i.Quantity).NotNull().WithMessage("Missing required param: quantity.").WithCode(ProblemCode.ParameterMissing)
                .InclusiveBetween(1, MostPieces).WithMessage("Invalid positive integer").WithCode(ProblemCode.ParameterInvalidInteger);
        }
    }
}

internal sealed class CreateCheckoutSessionHandler(
    RequestContext context, CheckoutStore sessions, CustomerStore customers, OverdueSessions overdue, Ids ids, TimeProvider clock)
    : IRequestHandler<CreateCheckoutSession, CheckoutSessionObject>
{
    private const string IdPlace = "{CHECKOUT_SESSION_ID}";
    private const int Shortest = 30 * 60;
    private const int Longest = 24 * 60 * 60;

    public async Task<CheckoutSessionObject> Handle(CreateCheckoutSession request, CancellationToken cancellationToken)
    {
        if (Text.NullIfEmpty(request.Customer) is { } customer) await customers.GetAsync(context.MerchantId, customer, "customer");
        var session = Checked(Decide(request));
        await sessions.SaveAsync(session);
        overdue.Schedule(session);
        return CheckoutSessionObject.Of(session);
    }

    private CheckoutSession Decide(CreateCheckoutSession request)
    {
        var (id, now) = (ids.New("cs_test"), clock.GetUtcNow());
        IReadOnlyList<CheckoutItem> items = [.. request.LineItems!.Select(item => new CheckoutItem(
            ids.New("li"),
            ids.New("price"),
            ids.New("prod"),
            item.PriceData!.ProductData!.Name!,
            Text.NullIfEmpty(item.PriceData.ProductData.Description),
            item.PriceData.Amount!.Value,
            item.Quantity!.Value))];
        return new CheckoutSession
        {
            Id = id,
            MerchantId = context.MerchantId,
            Status = CheckoutStatus.Open,
            Amount = items.Sum(item => item.Total),
            Currency = Currency.Find(request.LineItems![0].PriceData!.Currency)!.Code,
            Customer = Text.NullIfEmpty(request.Customer),
            Metadata = Metadata.Merge(new Dictionary<string, string>(), request.Metadata),
            ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(ExpiryOf(request.ExpiresAt, now.ToUnixTimeSeconds())),
            CreatedAt = now,
            Details = new CheckoutDetails
            {
                Items = items,
                Url = $"{context.BaseUrl}/checkout/{context.MerchantId}/{id}",
                SuccessUrl = request.SuccessUrl!.Replace(IdPlace, id, StringComparison.Ordinal),
                CancelUrl = Text.NullIfEmpty(request.CancelUrl)?.Replace(IdPlace, id, StringComparison.Ordinal),
                ClientReferenceId = Text.NullIfEmpty(request.ClientReferenceId),
                CustomerEmail = Text.NullIfEmpty(request.CustomerEmail),
                Payment = request.PaymentIntentData ?? new CheckoutPayment(),
                BillingAddressCollection = Text.NullIfEmpty(request.BillingAddressCollection),
                Locale = Text.NullIfEmpty(request.Locale),
                SubmitType = Text.NullIfEmpty(request.SubmitType),
                AllowedPaymentMethodTypes = request.AllowedPaymentMethodTypes,
            },
        };
    }

    private static long ExpiryOf(long? given, long now) => (given ?? now + Longest) is var expiry && expiry >= now + Shortest && expiry <= now + Longest
        ? expiry
        : throw new ProblemException(Problem.Invalid(
            "The expires_at timestamp must be at least 30 minutes and at most 24 hours from the Checkout Session's creation.", "expires_at"));

    private static CheckoutSession Checked(CheckoutSession session)
    {
        var currency = Currency.Find(session.Currency)!;
        if (session.Amount < currency.Minimum)
            throw new ProblemException(Problem.Invalid(ChargeRules.TooSmall(currency), "line_items", ProblemCode.AmountTooSmall));
        return session.Amount <= Currency.Maximum
            ? session
            : throw new ProblemException(Problem.Invalid(
                $"Amount must be no more than {new Money(Currency.Maximum, currency.Code)}", "line_items", ProblemCode.AmountTooLarge));
    }
}
