using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Tokens;

/// <summary>Makes a token of card data; it can be charged, or saved, once. The card is asked for money only then.</summary>
public sealed record CreateToken : ICommand<TokenObject>
{
    public ChargeSource? Card { get; init; }

    /// <summary>Fields to expand, accepted as the official SDKs send them.</summary>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CreateTokenValidator : AbstractValidator<CreateToken>
{
    public CreateTokenValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Card).NotNull().WithMessage("Missing required param: card.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.Card).Must(card => card!.Token is null).WithMessage("Invalid object: card must have named parts.");
        RuleFor(c => c.Card!).SetValidator(new ChargeSourceValidator("card"));
    }
}

internal sealed class CreateTokenHandler(RequestContext context, CardReader cards, TokenStore tokens, Ids ids, TimeProvider clock)
    : IRequestHandler<CreateToken, TokenObject>
{
    public async Task<TokenObject> Handle(CreateToken request, CancellationToken cancellationToken)
    {
        var token = new Token
        {
            Id = ids.New("tok"),
            MerchantId = context.MerchantId,
            CardId = ids.New("card"),
            Card = cards.Read(request.Card!),
            Used = false,
            CreatedAt = clock.GetUtcNow(),
        };
        await tokens.InsertAsync(token);
        return TokenObject.Of(token);
    }
}
