using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Storage;

/// <summary>Makes sure that the database can be written, by writing the time into it. Refuses with kind Unavailable where it cannot.</summary>
public sealed record CheckStorage : ICommand<bool>;

internal sealed class CheckStorageValidator : AbstractValidator<CheckStorage>;

internal sealed class CheckStorageHandler(Database database, TimeProvider clock) : IRequestHandler<CheckStorage, bool>
{
    public async Task<bool> Handle(CheckStorage request, CancellationToken cancellationToken) => await database.ExecuteAsync(
        """
        INSERT INTO storage_checks (id, checked_at) VALUES (1, @now)
        ON CONFLICT (id) DO UPDATE SET checked_at = excluded.checked_at
        """,
        new { now = clock.GetUtcNow() }) == 1;
}
