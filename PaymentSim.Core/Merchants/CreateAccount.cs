using System.Text.Json;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Merchants;

/// <summary>
/// Makes a connected account: a merchant with objects, events and endpoints of its own, which requests name in the header Stripe-Account. It can do everything
/// at once; nothing is checked about who it is.
/// </summary>
public sealed record CreateAccount : ICommand<AccountObject>, IExpands
{
    /// <summary><c>standard</c>, <c>express</c> or <c>custom</c>.</summary>
    public string? Type { get; init; }

    /// <summary>ISO 3166: two letters. US unless told.</summary>
    public string? Country { get; init; }

    public string? Email { get; init; }

    /// <summary>ISO 4217 code; usd unless told.</summary>
    public string? DefaultCurrency { get; init; }

    [WithoutEffect]
    public string? BusinessType { get; init; }

    /// <summary>Such as <c>capabilities[card_payments][requested]=true</c>.</summary>
    [WithoutEffect]
    public JsonElement? Capabilities { get; init; }

    [WithoutEffect]
    public JsonElement? BusinessProfile { get; init; }

    [WithoutEffect]
    public JsonElement? Controller { get; init; }

    [WithoutEffect]
    public JsonElement? Settings { get; init; }

    [WithoutEffect]
    public JsonElement? TosAcceptance { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? Company { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? Individual { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CreateAccountValidator : AbstractValidator<CreateAccount>
{
    public CreateAccountValidator()
    {
        RuleFor(c => c.Type).Must(type => type is null or "standard" or "express" or "custom")
            .WithMessage("Invalid type: must be one of standard, express, or custom");
        RuleFor(c => c.Country).Must(country => country is null || (country.Length == 2 && country.All(char.IsAsciiLetter)))
            .WithMessage(c => $"Country '{c.Country}' is unknown. Use the two letters of ISO 3166, such as US.");
        RuleFor(c => c.DefaultCurrency).Must(code => code is null || Currency.Find(code) is not null)
            .WithMessage(c => $"Invalid currency: {c.DefaultCurrency}. Use the three letters of an ISO 4217 code, such as usd.");
        RuleFor(c => c.Email).Must(email => string.IsNullOrEmpty(email) || email.Contains('@', StringComparison.Ordinal))
            .WithMessage(c => $"Invalid email address: {c.Email}");
        RuleFor(c => c.Capabilities).Must(asked => asked is null || asked.Value.ValueKind == JsonValueKind.Object)
            .WithMessage("Invalid object: capabilities must have named parts.");
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class CreateAccountHandler(RequestContext context, AccountStore accounts, Ids ids, TimeProvider clock)
    : IRequestHandler<CreateAccount, AccountObject>
{
    public async Task<AccountObject> Handle(CreateAccount request, CancellationToken cancellationToken)
    {
        var account = new Account
        {
            Id = ids.New("acct"),
            MerchantId = context.MerchantId,
            Details = new AccountDetails
            {
                Type = request.Type ?? "none",
                Country = request.Country?.ToUpperInvariant() ?? "US",
                DefaultCurrency = Currency.Find(request.DefaultCurrency)?.Code ?? "usd",
                Email = Text.NullIfEmpty(request.Email),
                BusinessType = Text.NullIfEmpty(request.BusinessType),
                BusinessProfile = request.BusinessProfile,
                Controller = request.Controller,
                Settings = request.Settings,
                TosAcceptance = request.TosAcceptance,
                Capabilities = [.. request.Capabilities?.EnumerateObject().Where(IsRequested).Select(capability => capability.Name) ?? []],
            },
            Metadata = Metadata.Merge(new Dictionary<string, string>(), request.Metadata),
            CreatedAt = clock.GetUtcNow(),
        };
        await accounts.InsertAsync(account);
        return AccountObject.Of(account);
    }

    private static bool IsRequested(JsonProperty capability) => capability.Value.ValueKind == JsonValueKind.Object
        && capability.Value.TryGetProperty("requested", out var requested) && requested.ToString().Equals("true", StringComparison.OrdinalIgnoreCase);
}
