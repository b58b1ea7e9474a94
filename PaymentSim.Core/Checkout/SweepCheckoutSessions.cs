using MediatR;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Checkout;

/// <summary>Finds open checkout sessions whose time is over and that no job will end, and gives them one. Answers how many.</summary>
public sealed record SweepCheckoutSessions : IRequest<int>;

internal sealed class SweepCheckoutSessionsHandler(Database database, CheckoutStore sessions, IJobScheduler jobs, TimeProvider clock)
    : IRequestHandler<SweepCheckoutSessions, int>
{
    private const int AtOnce = 500;

    public Task<int> Handle(SweepCheckoutSessions request, CancellationToken cancellationToken) =>
        database.EnqueueLostAsync(jobs, ListAsync, cancellationToken);

    private async Task<List<ExpireOverdueSession>> ListAsync() =>
        [.. (await sessions.ListOverdueAsync(clock.GetUtcNow(), AtOnce)).Select(session => new ExpireOverdueSession(session.MerchantId, session.Id))];
}
