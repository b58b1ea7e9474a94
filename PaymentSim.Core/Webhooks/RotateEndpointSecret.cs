using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Webhooks;

/// <summary>
/// Gives an endpoint a new signing secret, which the answer holds, this once. Until the former one expires, webhooks are signed with both; one that was
/// still in force from an earlier rotation is not any more.
/// </summary>
public sealed record RotateEndpointSecret(string Id) : ICommand<EndpointPolicyObject>
{
    /// <summary>Seconds for which the former secret stays in force, from 0 to 86400, which it is unless told.</summary>
    public long? ExpiresIn { get; init; }
}

internal sealed class RotateEndpointSecretValidator : AbstractValidator<RotateEndpointSecret>
{
    public const long Longest = 86_400;

    public RotateEndpointSecretValidator() =>
        RuleFor(c => c.ExpiresIn).InclusiveBetween(0, Longest).WithMessage($"Invalid expires_in: must be between 0 and {Longest} seconds.");
}

internal sealed class RotateEndpointSecretHandler(RequestContext context, WebhookEndpointStore endpoints, SecretBox box, TimeProvider clock)
    : IRequestHandler<RotateEndpointSecret, EndpointPolicyObject>
{
    public async Task<EndpointPolicyObject> Handle(RotateEndpointSecret request, CancellationToken cancellationToken)
    {
        var (before, now) = (await endpoints.GetToChangeAsync(context.MerchantId, request.Id), clock.GetUtcNow());
        var (secret, overlap) = (SigningSecret.New(), request.ExpiresIn ?? RotateEndpointSecretValidator.Longest);
        var after = before with
        {
            Secret = box.Seal(secret),
            PreviousSecret = overlap > 0 ? before.Secret : null,
            PreviousSecretUntil = overlap > 0 ? now.AddSeconds(overlap) : null,
        };
        await endpoints.UpdateAsync(after);
        return EndpointPolicyObject.Of(after, box, now, secret);
    }
}
