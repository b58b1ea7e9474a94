using MediatR;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// Makes one attempt of a delivery, if it is due: claim (a write unit), send (outside any), record (a write unit). However often and
/// wherever it runs, the claim lets one of them send.
/// </summary>
public sealed record DeliverWebhook(string DeliveryId) : IRequest<DeliveryOutcome>, IJob
{
    /// <summary>No attempt has failed yet: it may share a job with others (<see cref="DeliverBatch"/>). Later ones have a job of their own.</summary>
    public bool IsFirst { get; init; }

    /// <summary>A person asked for it: the job that the delivery had before runs again, where there is one.</summary>
    public bool IsReplay { get; init; }

    string IJob.Key => DeliveryId;
}

/// <summary>What an attempt came to.</summary>
public enum DeliveryResult
{
    Delivered,

    /// <summary>It failed and is to be made again at <see cref="DeliveryOutcome.NextAttemptAt"/>.</summary>
    WillRetry,

    /// <summary>It failed, and the retry schedule is used up.</summary>
    GaveUp,

    /// <summary>
    /// Nothing was sent: it had arrived already, is not due, is being sent, or its endpoint is disabled or gone. Or what was sent failed when that
    /// did not matter any more.
    /// </summary>
    NotSent,

    /// <summary>Nothing was sent, for its endpoint is given less to do at present: to be asked for again at <see cref="DeliveryOutcome.NextAttemptAt"/>.</summary>
    Postponed,
}

/// <param name="Result">What it came to.</param>
/// <param name="Summary">One line for people: "HTTP 500 from http://…".</param>
public sealed record DeliveryOutcome(DeliveryResult Result, string Summary)
{
    /// <summary>With <see cref="DeliveryResult.WillRetry"/> and <see cref="DeliveryResult.Postponed"/>: when.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>Failed attempts of this retry budget.</summary>
    public long Failures { get; init; }

    /// <summary>How many retries the budget holds.</summary>
    public int Retries { get; init; }
}

internal sealed class DeliverWebhookHandler(Database database, DeliveryClaim claim, DeliveryRecord record, FaultPlayer player, TimeProvider clock)
    : IRequestHandler<DeliverWebhook, DeliveryOutcome>
{
    public async Task<DeliveryOutcome> Handle(DeliverWebhook request, CancellationToken cancellationToken)
    {
        var taken = await WhenWritable.DoAsync(() => claim.TakeAsync(request.DeliveryId, cancellationToken), cancellationToken);
        if (taken.Claimed is not { } claimed) return taken.Refusal!;

        SendResult result;
        using (claimed.Pass)
        {
            try
            {
                result = await player.SendAsync(claimed, cancellationToken);
                if (result.ErrorClass != SendErrorClass.Dropped) claimed.Pass.Answered(result);
            }
            catch (OperationCanceledException)
            {
                await database.WriteAsync(() => claim.GiveBackAsync(claimed), CancellationToken.None);
                throw;
            }
        }

        if (result.Error is not null)
            return await WhenWritable.DoAsync(() => database.WriteAsync(() => record.FailureAsync(claimed, result), CancellationToken.None), cancellationToken);

        // Whoever ran this has its own end to write now, which takes this along to the disk.
        await WhenWritable.DoAsync(
            async () =>
            {
                await database.PostAsync(() => record.SuccessAsync([new SentDelivery(claimed, result)], clock.GetUtcNow()));
                return true;
            },
            cancellationToken);
        return new DeliveryOutcome(DeliveryResult.Delivered, $"HTTP {result.Status} in {result.Duration.TotalMilliseconds:0} ms");
    }
}
