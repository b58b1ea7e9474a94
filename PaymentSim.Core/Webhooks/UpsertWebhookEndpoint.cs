using FluentValidation;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Webhooks;

/// <summary>
/// Makes an endpoint of a URL, or changes the one that there is: however often a test run asks for it, there is one, it is enabled, and it is as was
/// asked last. What is not given stays, or is as for a new one.
/// </summary>
public sealed record UpsertWebhookEndpoint : EndpointPolicyRequest, ICommand<EndpointPolicyObject>
{
    /// <summary>Absolute http or https URL, at most 2048 characters.</summary>
    public string? Url { get; init; }

    /// <summary>Event types, <c>charge.*</c> for all below <c>charge</c>, or <c>*</c> for all, which a new one gets unless told.</summary>
    public IReadOnlyList<string>? EnabledEvents { get; init; }

    /// <summary>The version of the events that it gets; for a new one the request's, or the simulator's, unless told.</summary>
    public string? ApiVersion { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>A signing secret of the merchant's own: <c>whsec_</c> and 24 to 64 bytes in base64. A new endpoint is given one where it has none.</summary>
    public string? Secret { get; init; }
}

internal sealed class UpsertWebhookEndpointValidator : AbstractValidator<UpsertWebhookEndpoint>
{
    public UpsertWebhookEndpointValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Url).NotEmpty().WithMessage("Missing required param: url.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.Url).Url();
        RuleFor(c => c.EnabledEvents).EnabledEvents();
        RuleFor(c => c.ApiVersion).ApiVersion();
        RuleFor(c => c.Description).Description();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
        RuleFor(c => c.Secret).Must(secret => string.IsNullOrEmpty(secret) || SigningSecret.IsUsable(secret))
            .WithMessage($"Invalid secret: it must be whsec_ and {SigningSecret.FewestBytes} to {SigningSecret.MostBytes} bytes in base64.");
        Include(new EndpointPolicyValidator());
    }
}

internal sealed class UpsertWebhookEndpointHandler(
    RequestContext context, WebhookEndpointStore endpoints, SecretBox box, ApiVersionOptions versions, Ids ids, TimeProvider clock)
    : IRequestHandler<UpsertWebhookEndpoint, EndpointPolicyObject>
{
    public async Task<EndpointPolicyObject> Handle(UpsertWebhookEndpoint request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (await endpoints.FindByUrlToChangeAsync(context.MerchantId, request.Url!) is { } existing)
        {
            var changed = Apply(request, existing.Enabled());
            if (Text.NullIfEmpty(request.Secret) is { } replaced)
                changed = changed with { Secret = box.Seal(replaced), PreviousSecret = null, PreviousSecretUntil = null };
            await endpoints.UpdateAsync(changed);
            return EndpointPolicyObject.Of(changed, box, now);
        }

        var secret = Text.NullIfEmpty(request.Secret) ?? SigningSecret.New();
        var made = Apply(request, new WebhookEndpoint
        {
            Id = ids.New("we"),
            MerchantId = context.MerchantId,
            Url = request.Url!,
            EnabledEvents = [EventTypes.All],
            Status = WebhookEndpointStatus.Enabled,
            ApiVersion = context.ApiVersion ?? versions.Default,
            PinnedVersion = false,
            Metadata = new Dictionary<string, string>(),
            Secret = box.Seal(secret),
            CreatedAt = now,
        });
        await endpoints.InsertAsync(made);
        return EndpointPolicyObject.Of(made, box, now, secret);
    }

    private WebhookEndpoint Apply(UpsertWebhookEndpoint request, WebhookEndpoint endpoint)
    {
        var pinned = Text.NullIfEmpty(request.ApiVersion);
        return request.ApplyTo(endpoint, box) with
        {
            EnabledEvents = request.EnabledEvents is { } events ? [.. events.Distinct()] : endpoint.EnabledEvents,
            ApiVersion = pinned ?? endpoint.ApiVersion,
            PinnedVersion = pinned is not null || endpoint.PinnedVersion,
            Description = Text.Given(request.Description, endpoint.Description),
            Metadata = Metadata.Merge(endpoint.Metadata, request.Metadata),
        };
    }
}
