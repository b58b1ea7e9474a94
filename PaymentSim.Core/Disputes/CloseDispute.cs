using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Disputes;

/// <summary>The merchant gives in: the dispute is lost, an inquiry closed.</summary>
public sealed record CloseDispute(string Id) : ICommand<DisputeObject>, IExpands
{
    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CloseDisputeValidator : AbstractValidator<CloseDispute>;

internal sealed class CloseDisputeHandler(RequestContext context, DisputeEnd end, TimeProvider clock) : IRequestHandler<CloseDispute, DisputeObject>
{
    public async Task<DisputeObject> Handle(CloseDispute request, CancellationToken cancellationToken)
    {
        var (dispute, charge) = await end.GetToChangeAsync(context.MerchantId, request.Id);
        return DisputeObject.Of(await end.EndAsync(dispute, charge, dispute.Conceded()), clock.GetUtcNow());
    }
}
