using FluentValidation;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Webhooks;

/// <summary>Registers a URL that has no endpoint yet for events. The answer holds the signing secret, this once.</summary>
public sealed record CreateWebhookEndpoint : ICommand<WebhookEndpointObject>, IExpands, INamesUrl
{
    /// <summary>Absolute http or https URL, at most 2048 characters.</summary>
    public string? Url { get; init; }

    /// <summary>Event types, <c>charge.*</c> for all below <c>charge</c>, or <c>*</c> for all.</summary>
    public IReadOnlyList<string>? EnabledEvents { get; init; }

    /// <summary>The version of the events that it gets; the request's, or the simulator's, unless told.</summary>
    public string? ApiVersion { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>For connected accounts; accepted, and without effect.</summary>
    [WithoutEffect]
    public bool? Connect { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CreateWebhookEndpointValidator : AbstractValidator<CreateWebhookEndpoint>
{
    public CreateWebhookEndpointValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Url).NotEmpty().WithMessage("Missing required param: url.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.Url).Url();
        RuleFor(c => c.EnabledEvents).NotNull().WithMessage("Missing required param: enabled_events.").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.EnabledEvents).EnabledEvents();
        RuleFor(c => c.ApiVersion).ApiVersion();
        RuleFor(c => c.Description).Description();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class CreateWebhookEndpointHandler(
    RequestContext context, WebhookEndpointStore endpoints, SecretBox secrets, ApiVersionOptions versions, Ids ids, TimeProvider clock)
    : IRequestHandler<CreateWebhookEndpoint, WebhookEndpointObject>
{
    public async Task<WebhookEndpointObject> Handle(CreateWebhookEndpoint request, CancellationToken cancellationToken)
    {
        if (await endpoints.FindByUrlToChangeAsync(context.MerchantId, request.Url!) is { } existing) throw EndpointRules.UrlTaken(existing);
        var secret = SigningSecret.New();
        var pinned = string.IsNullOrEmpty(request.ApiVersion) ? null : request.ApiVersion;
        var endpoint = new WebhookEndpoint
        {
            Id = ids.New("we"),
            MerchantId = context.MerchantId,
            Url = request.Url!,
            EnabledEvents = [.. request.EnabledEvents!.Distinct()],
            Status = WebhookEndpointStatus.Enabled,
            ApiVersion = pinned ?? context.ApiVersion ?? versions.Default,
            PinnedVersion = pinned is not null,
            Description = string.IsNullOrEmpty(request.Description) ? null : request.Description,
            Metadata = Metadata.Merge(new Dictionary<string, string>(), request.Metadata),
            Secret = secrets.Seal(secret),
            CreatedAt = clock.GetUtcNow(),
        };
        await endpoints.InsertAsync(endpoint);
        return WebhookEndpointObject.Of(endpoint, secret);
    }
}
