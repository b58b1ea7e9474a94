using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Events;

/// <summary>The merchant's events, newest first.</summary>
public sealed record ListEvents : PageRequest, IQuery<Page<EventObject>>
{
    /// <summary>One type; <c>*</c> stands for any characters: <c>charge.*</c>.</summary>
    public string? Type { get; init; }

    /// <summary>At most 20 types.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    public TimeRange? Created { get; init; }

    /// <summary>False: only events with a webhook that is pending or has failed; true: only those whose webhooks have all arrived.</summary>
    public bool? DeliverySuccess { get; init; }
}

internal sealed class ListEventsValidator : PageRequestValidator<ListEvents>
{
    public ListEventsValidator()
    {
        RuleFor(e => e.Types).Null().When(e => e.Type is not null).WithMessage("You may pass only one of type and types.");
        RuleFor(e => e.Types).Must(types => types!.Count <= 20).When(e => e.Types is not null).WithMessage("You may pass up to 20 types.");
    }
}

internal sealed class ListEventsHandler(RequestContext context, EventStore events) : IRequestHandler<ListEvents, Page<EventObject>>
{
    public async Task<Page<EventObject>> Handle(ListEvents request, CancellationToken cancellationToken)
    {
        var page = await events.ListAsync(context.MerchantId, request);
        var pending = await events.CountPendingAsync([.. page.Data.Select(stored => stored.Id)]);
        return page.Select(stored => EventObject.Of(stored, pending.GetValueOrDefault(stored.Id)));
    }
}
