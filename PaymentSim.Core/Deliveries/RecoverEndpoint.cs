using FluentValidation;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// Everything that an endpoint did not take since a time is sent once more: what failed for good, and what waits for a retry. What arrived, or is on
/// its way, is left alone, so that asking twice sends nothing twice.
/// </summary>
public sealed record RecoverEndpoint(string Id) : ILongCommand<RecoveryObject>
{
    /// <summary>Unix seconds: deliveries that were made then or later.</summary>
    public long? Since { get; init; }

    /// <summary>Unix seconds: deliveries that were made earlier; now unless told.</summary>
    public long? Until { get; init; }

    /// <summary>Only of these types: <c>charge.failed</c>, <c>charge.*</c>; all unless told.</summary>
    public IReadOnlyList<string>? EventTypes { get; init; }
}

/// <summary>What a recovery set off.</summary>
/// <param name="WebhookEndpoint">Where to.</param>
/// <param name="Since">Unix seconds.</param>
/// <param name="Until">Unix seconds; null: now.</param>
/// <param name="Replayed">How many deliveries it has put on their way.</param>
public sealed record RecoveryObject(string WebhookEndpoint, long Since, long? Until, long Replayed)
{
    public string Object { get; init; } = "test_helpers.webhook_recovery";
}

internal sealed class RecoverEndpointValidator : AbstractValidator<RecoverEndpoint>
{
    /// <summary>The last second of the year 9999.</summary>
    private const long Latest = 253_402_300_799;

    public RecoverEndpointValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Id).NotEmpty();
        RuleFor(c => c.Since)
            .NotNull().WithMessage("Missing required param: since.").WithCode(ProblemCode.ParameterMissing)
            .InclusiveBetween(0, Latest).WithMessage("Invalid timestamp: since is a time in unix seconds.");
        RuleFor(c => c.Until)
            .InclusiveBetween(0, Latest).WithMessage("Invalid timestamp: until is a time in unix seconds.")
            .Must((c, until) => until is null || until > c.Since).WithMessage("Invalid timestamp: until must be later than since.");
        RuleForEach(c => c.EventTypes).NotEmpty().WithMessage("Invalid type: an event's type looks like charge.succeeded.");
    }
}

/// <summary>A unit for each batch, so that other requests are not held up meanwhile; what is broken off goes on when it is asked for again.</summary>
internal sealed class RecoverEndpointHandler(
    RequestContext context, Database database, WebhookEndpointStore endpoints, DeliveryStore deliveries, DeliveryReplay replay, TimeProvider clock)
    : IRequestHandler<RecoverEndpoint, RecoveryObject>
{
    private const int Batch = 100;

    public async Task<RecoveryObject> Handle(RecoverEndpoint request, CancellationToken cancellationToken)
    {
        var (started, replayed, after) = (clock.GetUtcNow(), 0L, (string?)"");
        // Deliveries that are made meanwhile are no part of this: it comes to an end.
        var time = (DateTimeOffset.FromUnixTimeSeconds(request.Since!.Value), request.Until is { } until ? DateTimeOffset.FromUnixTimeSeconds(until) : started.AddMilliseconds(1));
        while (after is not null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (var some, after) = await database.WriteAsync(() => ReplaySomeAsync(request, time, started, after), cancellationToken);
            replayed += some;
        }

        return new RecoveryObject(request.Id, request.Since.Value, request.Until, replayed);
    }

    /// <summary>Answers how many it replayed, and the last one that it looked at; null where that was the last one of all.</summary>
    private async Task<(int Replayed, string? Last)> ReplaySomeAsync(
        RecoverEndpoint request, (DateTimeOffset Since, DateTimeOffset Until) time, DateTimeOffset started, string after)
    {
        var endpoint = await endpoints.GetAsync(context.MerchantId, request.Id);
        if (endpoint.Status == WebhookEndpointStatus.Disabled) DeliveryReplay.Checked(ReplayResult.EndpointDisabled, endpoint.Id);
        var (missed, replayed) = (await deliveries.ListMissedToChangeAsync(endpoint, time, started, after, Batch), 0);
        foreach (var delivery in missed)
        {
            if (IsWanted(request.EventTypes, delivery.EventType) && await replay.SendAsync(delivery, endpoint) == ReplayResult.Due) replayed++;
        }

        return (replayed, missed.Count < Batch ? null : missed[^1].Id);
    }

    private static bool IsWanted(IReadOnlyList<string>? types, string type) => types is null or { Count: 0 } || types.Any(wanted =>
        wanted == EventTypes.All || wanted == type || (wanted.EndsWith(".*", StringComparison.Ordinal) && type.StartsWith(wanted[..^1], StringComparison.Ordinal)));
}
