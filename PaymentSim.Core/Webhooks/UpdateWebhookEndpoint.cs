using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Webhooks;

/// <summary>Changes an endpoint; parameters that are not given stay. Enabled again, its pending deliveries go on.</summary>
public sealed record UpdateWebhookEndpoint(string Id) : ICommand<WebhookEndpointObject>, IExpands, INamesUrl
{
    /// <summary>Absolute http or https URL, at most 2048 characters.</summary>
    public string? Url { get; init; }

    /// <summary>Event types, <c>charge.*</c> for all below <c>charge</c>, or <c>*</c> for all.</summary>
    public IReadOnlyList<string>? EnabledEvents { get; init; }

    /// <summary>True: no events until it is enabled again.</summary>
    public bool? Disabled { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class UpdateWebhookEndpointValidator : AbstractValidator<UpdateWebhookEndpoint>
{
    public UpdateWebhookEndpointValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        When(c => c.Url is not null, () => RuleFor(c => c.Url).Url());
        RuleFor(c => c.EnabledEvents).EnabledEvents();
        RuleFor(c => c.Description).Description();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class UpdateWebhookEndpointHandler(RequestContext context, WebhookEndpointStore endpoints)
    : IRequestHandler<UpdateWebhookEndpoint, WebhookEndpointObject>
{
    public async Task<WebhookEndpointObject> Handle(UpdateWebhookEndpoint request, CancellationToken cancellationToken)
    {
        var before = await endpoints.GetToChangeAsync(context.MerchantId, request.Id);
        var after = before with
        {
            EnabledEvents = request.EnabledEvents is { } events ? [.. events.Distinct()] : before.EnabledEvents,
            Description = Text.Given(request.Description, before.Description),
            Metadata = Metadata.Merge(before.Metadata, request.Metadata),
        };
        if (request.Url is { } url && url != before.Url)
        {
            if (await endpoints.FindByUrlToChangeAsync(context.MerchantId, url) is { } existing) throw EndpointRules.UrlTaken(existing);
            after = after.MovedTo(url);
        }

        if (request.Disabled is { } disabled) after = disabled ? after.Disabled(reason: null) : after.Enabled();
        await endpoints.UpdateAsync(after);
        return WebhookEndpointObject.Of(after);
    }
}
