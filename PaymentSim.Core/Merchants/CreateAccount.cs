using System.Text.Json;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Merchants;

/// <summary>
/// Makes a connected account: a merchant with objects, events and endpoints of its own, which requests name in the header Stripe-Account. It can do everything
/// at once; nothing is checked about who it is.
/// </summary>
public sealed record CreateAccount : AccountParameters, ICommand<AccountObject>
{
    /// <summary><c>standard</c>, <c>express</c> or <c>custom</c>.</summary>
    public string? Type { get; init; }

    /// <summary>ISO 3166: two letters. US unless told.</summary>
    public string? Country { get; init; }

    [WithoutEffect]
    public JsonElement? Controller { get; init; }
}

internal sealed class CreateAccountValidator : AccountParametersValidator<CreateAccount>
{
    public CreateAccountValidator()
    {
        RuleFor(c => c.Type).Must(type => type is null or "standard" or "express" or "custom")
            .WithMessage("Invalid type: must be one of standard, express, or custom");
        RuleFor(c => c.Country).Must(country => country is null || (country.Length == 2 && country.All(char.IsAsciiLetter)))
            .WithMessage(c => $"Country '{c.Country}' is unknown. Use the two letters of ISO 3166, such as US.");
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
            Details = request.Over(new AccountDetails
            {
                Type = request.Type ?? "none",
                Country = request.Country?.ToUpperInvariant() ?? "US",
                Controller = request.Controller,
            }),
            Metadata = Metadata.Merge(new Dictionary<string, string>(), request.Metadata),
            CreatedAt = clock.GetUtcNow(),
        };
        await accounts.InsertAsync(account);
        return AccountObject.Of(account);
    }
}
