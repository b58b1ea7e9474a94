using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Webhooks;

/// <summary>Changes an endpoint; parameters that are not given stay. Enabled again, its pending deliveries go on.</summary>
public sealed record UpdateWebhookEndpoint(string Id) : ICommand<WebhookEndpointObject>, IExpands, INamesUrl
{
    /// <summary>Absolute http or https URL, at most 2048 characters.</summary>
    public string? Url { get; init; }

    /// <summary>Event types, or <c>*</c> for all.</summary>
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
        RuleFor(c => c.Description).MaximumLength(5000).WithMessage("Invalid string: description can be at most 5000 characters.");
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class UpdateWebhookEndpointHandler(RequestContext context, WebhookEndpointStore endpoints)
    : IRequestHandler<UpdateWebhookEndpoint, WebhookEndpointObject>
{
    public async Task<WebhookEndpointObject> Handle(UpdateWebhookEndpoint request, CancellationToken cancellationToken)
    {
        var before = await endpoints.FindToChangeAsync(context.MerchantId, request.Id)
            ?? throw new ProblemException(Problem.Missing("webhook endpoint", request.Id));
        var after = before with
        {
            Url = request.Url ?? before.Url,
            EnabledEvents = request.EnabledEvents is { } events ? [.. events.Distinct()] : before.EnabledEvents,
            Status = request.Disabled switch
            {
                true => WebhookEndpointStatus.Disabled,
                false => WebhookEndpointStatus.Enabled,
                null => before.Status,
            },
            DisabledReason = request.Disabled is null ? before.DisabledReason : null,
            Description = request.Description switch { null => before.Description, "" => null, var text => text },
            Metadata = Metadata.Merge(before.Metadata, request.Metadata),
        };
        await endpoints.UpdateAsync(after);
        return WebhookEndpointObject.Of(after);
    }
}
