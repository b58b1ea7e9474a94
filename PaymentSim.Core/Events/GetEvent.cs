using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Events;

/// <summary>One event of the merchant.</summary>
public sealed record GetEvent(string Id) : IQuery<EventObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class GetEventHandler(RequestContext context, EventStore events) : IRequestHandler<GetEvent, EventObject>
{
    public async Task<EventObject> Handle(GetEvent request, CancellationToken cancellationToken)
    {
        var stored = await events.FindAsync(context.MerchantId, request.Id) ?? throw new ProblemException(Problem.Missing("event", request.Id));
        var pending = await events.CountPendingAsync([stored.Id]);
        return EventObject.Of(stored, pending.GetValueOrDefault(stored.Id));
    }
}
