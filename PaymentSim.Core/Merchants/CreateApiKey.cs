using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Merchants;

/// <summary>Makes a merchant and its keys. Only the secret key's hash is kept: the answer is the one time that it is shown.</summary>
/// <param name="Name">What to call the merchant, 1 to 100 characters.</param>
public sealed record CreateApiKey(string Name) : ICommand<NewApiKey>;

/// <summary>A key that was just made.</summary>
public sealed record NewApiKey(string MerchantId, string Key, string PublishableKey) : IHoldsSecret;

internal sealed class CreateApiKeyValidator : AbstractValidator<CreateApiKey>
{
    public CreateApiKeyValidator()
    {
        RuleFor(c => c.Name).NotEmpty().WithMessage("Missing required param: name.").WithCode(ProblemCode.ParameterMissing)
            .MaximumLength(100).WithMessage("Invalid string: name can be at most 100 characters.");
    }
}

internal sealed class CreateApiKeyHandler(MerchantStore merchants, SecretBox secrets) : IRequestHandler<CreateApiKey, NewApiKey>
{
    public async Task<NewApiKey> Handle(CreateApiKey request, CancellationToken cancellationToken)
    {
        var key = ApiKey.Generate();
        var merchant = await merchants.AddAsync(key, request.Name);
        return new NewApiKey(merchant, key, PublishableKey.Of(secrets, merchant));
    }
}
