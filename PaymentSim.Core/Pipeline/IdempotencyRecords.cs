using System.Text.Json;
using System.Text.Json.Nodes;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Pipeline;

/// <summary>What the merchant's requests under idempotency keys were answered.</summary>
internal sealed class IdempotencyRecords(RequestContext context, Database database, SecretBox secrets, TimeProvider clock)
{
    /// <summary>Refusals are; a failure of ours is not, so that a retry can do better.</summary>
    public static bool IsRemembered(Problem problem) => problem.Kind is not (ProblemKind.Api or ProblemKind.Unavailable or ProblemKind.RateLimit);

    /// <summary>What a request is recognised by. Keyed, because it can hold a card number, and few numbers are possible. The order of metadata plays no part.</summary>
    public string FingerprintOf<TRequest>(TRequest request) =>
        Convert.ToBase64String(secrets.Mac("idempotency " + typeof(TRequest).Name, JsonSerializer.SerializeToUtf8Bytes(request, CanonicalJson.Options)));

    /// <summary>Null: it is the first request under this key.</summary>
    /// <exception cref="ProblemException">It was refused then, or the key belongs to another request.</exception>
    public async Task<StoredResult<T>?> FindAsync<T>(string key, string hash)
    {
        var record = await database.FirstOrDefaultAsync<Record>(
            "SELECT request_hash, request_id, result, problem, expanded FROM idempotency_keys WHERE merchant_id = @MerchantId AND idempotency_key = @key",
            new { context.MerchantId, key });
        if (record is null) return null;

        if (record.RequestHash != hash) throw new ProblemException(OtherRequest(key));
        context.ReplayedFrom = record.RequestId;
        context.Expanded = record.Expanded is { } expanded ? JsonNode.Parse(secrets.OpenIfSealed(expanded))!.AsObject() : null;
        return record.Problem is { } problem
            ? throw new ProblemException(Read<Problem>(problem))
            : new StoredResult<T>(Read<T>(secrets.OpenIfSealed(record.Result!)));
    }

    public Task StoreAsync<T>(string key, string hash, T result) => StoreAsync<T>(key, hash, Kept<T>(StoredText.Json(result)), problem: null);

    /// <typeparam name="T">What it would have been answered.</typeparam>
    public Task StoreAsync<T>(string key, string hash, Problem refused) => StoreAsync<T>(key, hash, result: null, StoredText.Json(refused));

    private Task StoreAsync<T>(string key, string hash, StoredText? result, StoredText? problem) => database.SendAsync(
        """
        INSERT INTO idempotency_keys (merchant_id, idempotency_key, request_hash, request_id, result, problem, expanded, created_at)
        VALUES (@MerchantId, @key, @hash, @RequestId, @result, @problem, @expanded, @now)
        """,
        new
        {
            context.MerchantId, key, hash, context.RequestId, result, problem,
            expanded = context.Expanded is { } expanded ? Kept<T>(StoredText.Json(expanded)) : null,
            now = clock.GetUtcNow(),
        });

    private StoredText Kept<T>(StoredText json) => typeof(T).IsAssignableTo(typeof(IHoldsSecret)) ? StoredText.Of(secrets.Seal(json.ToString())) : json;

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, CoreJson.Options)!;

    private static Problem OtherRequest(string key) => new(
        ProblemKind.Idempotency,
        null,
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        + $"Try using a key other than '{key}' if you meant to execute a different request.");

    private sealed record Record
    {
        public required string RequestHash { get; init; }

        public string? RequestId { get; init; }

        public string? Result { get; init; }

        public string? Problem { get; init; }

        public string? Expanded { get; init; }
    }
}

/// <summary>What the first request under a key was answered.</summary>
internal sealed record StoredResult<T>(T Result);
