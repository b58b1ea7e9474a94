using MediatR;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Pipeline;

/// <summary>
/// Inside the transaction: the first result under a key, a decline or a refusal included, is stored in the same commit as its effect;
/// the same request gets it again, another request is refused. Since one commit holds both, no state 'in progress' can be left over, and a request
/// that comes while another is under way under its key waits for that one.
/// </summary>
internal sealed class IdempotencyBehavior<TRequest, TResponse>(RequestContext context, Database database, IdempotencyRecords records)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : ICommand<TResponse>
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next) =>
        context.IdempotencyKey is { } key ? HandleAsync(key, next) : next();

    private async Task<TResponse> HandleAsync(string key, RequestHandlerDelegate<TResponse> next)
    {
        var hash = context.Fingerprint ?? throw new InvalidOperationException("A request under an idempotency key needs its fingerprint.");
        await database.LockAsync(context.MerchantId, key);
        if (await records.FindAsync<TResponse>(key, hash) is { } stored) return stored.Result;

        // A refusal leaves nothing behind but its record; a failure of ours is not remembered, so that a retry can do better.
        try
        {
            var result = await database.NestedAsync(() => next());
            if (result is not IMayBeTransient { IsTransient: true }) await records.StoreAsync(key, hash, result);
            return result;
        }
        catch (ProblemException refused) when (IdempotencyRecords.IsRemembered(refused.Problem))
        {
            await records.StoreAsync<TResponse>(key, hash, refused.Problem);
            return await RefuseAfterCommit(refused);
        }
    }

    /// <summary>The unit must commit the record, so the refusal is thrown after it.</summary>
    private Task<TResponse> RefuseAfterCommit(ProblemException refused)
    {
        database.ThrowAfterCommit(refused);
        return Task.FromResult<TResponse>(default!);
    }
}
