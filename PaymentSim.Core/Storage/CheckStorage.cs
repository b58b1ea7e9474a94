using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Storage;

/// <summary>Makes sure that the database can be written and has room for a payment, by writing into it. Refuses with kind Unavailable where it cannot.</summary>
public sealed record CheckStorage : ICommand<bool>;

internal sealed class CheckStorageValidator : AbstractValidator<CheckStorage>;

internal sealed class CheckStorageHandler(Database database, TimeProvider clock) : IRequestHandler<CheckStorage, bool>
{
    public async Task<bool> Handle(CheckStorage request, CancellationToken cancellationToken) => await database.ExecuteAsync(
        $"""
        INSERT INTO storage_checks (id, checked_at, ballast) VALUES (1, @now, {database.Ballast})
        ON CONFLICT (id) DO UPDATE SET checked_at = excluded.checked_at, ballast = excluded.ballast
        """,
        new { now = clock.GetUtcNow() }) == 1;
}
