using FluentValidation;
using MediatR;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Pipeline;

/// <summary>Forgets idempotency keys that are older than a day, some at a time. Answers how many.</summary>
public sealed record PruneIdempotencyKeys : ICommand<int>;

internal sealed class PruneIdempotencyKeysValidator : AbstractValidator<PruneIdempotencyKeys>;

internal sealed class PruneIdempotencyKeysHandler(Database database, TimeProvider clock) : IRequestHandler<PruneIdempotencyKeys, int>
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>Small enough not to hold up the requests that wait for the writer.</summary>
    private const int Batch = 1000;

    public Task<int> Handle(PruneIdempotencyKeys request, CancellationToken cancellationToken) => database.ExecuteAsync(
        """
        DELETE FROM idempotency_keys WHERE (merchant_id, idempotency_key) IN (
            SELECT merchant_id, idempotency_key FROM idempotency_keys WHERE created_at < @before ORDER BY created_at LIMIT @Batch)
        """,
        new { before = clock.GetUtcNow() - Kept, Batch });
}
