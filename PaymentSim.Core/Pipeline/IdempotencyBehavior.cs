using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Pipeline;

/// <summary>
/// Inside the transaction: the first result under a key, a decline or a refusal included, is stored in the same commit as its effect;
/// the same request gets it again, another request is refused. Since one commit holds both, no state 'in progress' can be left over, and a request
/// that comes while another is under way under its key waits for that one.
/// </summary>
internal sealed class IdempotencyBehavior<TRequest, TResponse>(
    RequestContext context, Database database, SecretBox secrets, TimeProvider clock)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : ICommand<TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        if (context.IdempotencyKey is not { } key) return await next();

        var hash = context.Fingerprint ?? throw new InvalidOperationException("A request under an idempotency key needs its fingerprint.");
        await database.LockAsync(context.MerchantId, key);
        if (await FindAsync(key) is { } stored)
        {
            if (stored.RequestHash != hash) throw new ProblemException(OtherRequest(key));
            context.ReplayedFrom = stored.RequestId;
            context.Expanded = stored.Expanded is { } expanded ? JsonNode.Parse(secrets.OpenIfSealed(expanded))!.AsObject() : null;
            return stored.Problem is { } problem
                ? throw new ProblemException(Read<Problem>(problem))
                : Read<TResponse>(secrets.OpenIfSealed(stored.Result!));
        }

        // A refusal leaves nothing behind but its record; a failure of ours is not remembered, so that a retry can do better.
        try
        {
            var result = await database.NestedAsync(() => next());
            if (result is not IMayBeTransient { IsTransient: true })
                await StoreAsync(key, hash, Seal(JsonSerializer.Serialize(result, CoreJson.Options)), problem: null);
            return result;
        }
        catch (ProblemException refused) when (refused.Problem.Kind is not (ProblemKind.Api or ProblemKind.Unavailable or ProblemKind.RateLimit))
        {
            await StoreAsync(key, hash, result: null, JsonSerializer.Serialize(refused.Problem, CoreJson.Options));
            return await RefuseAfterCommit(refused);
        }
    }

    /// <summary>The unit must commit the record, so the refusal is thrown after it.</summary>
    private Task<TResponse> RefuseAfterCommit(ProblemException refused)
    {
        database.ThrowAfterCommit(refused);
        return Task.FromResult<TResponse>(default!);
    }

    private Task<IdempotencyRecord?> FindAsync(string key) => database.FirstOrDefaultAsync<IdempotencyRecord>(
        "SELECT request_hash, request_id, result, problem, expanded FROM idempotency_keys WHERE merchant_id = @MerchantId AND idempotency_key = @key",
        new { context.MerchantId, key });

    private Task StoreAsync(string key, string hash, string? result, string? problem) => database.SendAsync(
        """
        INSERT INTO idempotency_keys (merchant_id, idempotency_key, request_hash, request_id, result, problem, expanded, created_at)
        VALUES (@MerchantId, @key, @hash, @RequestId, @result, @problem, @expanded, @now)
        """,
        new
        {
            context.MerchantId, key, hash, context.RequestId, result, problem,
            expanded = context.Expanded is { } expanded ? Seal(expanded.ToJsonString(CoreJson.Options)) : null,
            now = clock.GetUtcNow(),
        });

    private string Seal(string json) => typeof(TResponse).IsAssignableTo(typeof(IHoldsSecret)) ? secrets.Seal(json) : json;

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, CoreJson.Options)!;

    private static Problem OtherRequest(string key) => new(
        ProblemKind.Idempotency,
        null,
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        + $"Try using a key other than '{key}' if you meant to execute a different request.");

    private sealed record IdempotencyRecord
    {
        public required string RequestHash { get; init; }

        public string? RequestId { get; init; }

        public string? Result { get; init; }

        public string? Problem { get; init; }

        public string? Expanded { get; init; }
    }
}
