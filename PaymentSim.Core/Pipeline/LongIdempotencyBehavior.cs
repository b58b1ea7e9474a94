using System.Collections.Concurrent;
using MediatR;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Pipeline;

/// <summary>
/// Around a command of many units: its result is stored in a unit of its own, after them. The same request gets it again; one that comes while the first is
/// under way waits for it. On another node, or after a crash in the middle, it begins again.
/// </summary>
internal sealed class LongIdempotencyBehavior<TRequest, TResponse>(RequestContext context, Database database, IdempotencyRecords records, KeysInUse keys)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : ILongCommand<TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        if (context.IdempotencyKey is not { } key) return await next();

        var hash = records.FingerprintOf(request);
        using var use = await keys.UseAsync(context.MerchantId, key, cancellationToken);
        if (await records.FindAsync<TResponse>(key, hash) is { } stored) return stored.Result;

        try
        {
            var result = await next();
            await database.WriteAsync(() => records.StoreAsync(key, hash, result), CancellationToken.None);
            return result;
        }
        catch (ProblemException refused) when (IdempotencyRecords.IsRemembered(refused.Problem))
        {
            await database.WriteAsync(() => records.StoreAsync<TResponse>(key, hash, refused.Problem), CancellationToken.None);
            throw;
        }
    }
}

/// <summary>The idempotency keys of this process's requests of many units.</summary>
internal sealed class KeysInUse
{
    private readonly ConcurrentDictionary<(string Merchant, string Key), TaskCompletionSource> _users = new();

    /// <summary>Waits until no other request is under way under this key; none may be until what is answered is disposed.</summary>
    public async Task<IDisposable> UseAsync(string merchantId, string key, CancellationToken cancellationToken)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (_users.GetOrAdd((merchantId, key), end) is var other && other != end) await other.Task.WaitAsync(cancellationToken);
        return new Use(() =>
        {
            _users.TryRemove((merchantId, key), out _);
            end.SetResult();
        });
    }

    private sealed class Use(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
