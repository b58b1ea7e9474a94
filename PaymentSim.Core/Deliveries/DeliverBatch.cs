using System.Collections.Concurrent;
using MediatR;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// <see cref="DeliverWebhook"/> for many deliveries: one claim for all that are due, all sent at the same time, and what they came to recorded
/// together at short intervals. Each that fails goes on by itself.
/// </summary>
/// <param name="DeliveryIds">At most as many as may be sent at the same time.</param>
/// <param name="GoesOn">Is told of each that will be retried or was given up, once that is on the disk, and of those that are postponed together; it must not block.</param>
public sealed record DeliverBatch(IReadOnlyList<string> DeliveryIds, Action<IReadOnlyList<string>, DeliveryOutcome> GoesOn) : IRequest<BatchOutcome>;

/// <summary>What a batch came to.</summary>
public sealed record BatchOutcome(int Delivered, int Failed, int Postponed, int NotSent)
{
    /// <summary>Of those that were not sent: given up before this began, and why.</summary>
    public required IReadOnlyList<(string DeliveryId, DeliveryOutcome Outcome)> GivenUpBefore { get; init; }

    /// <summary>Where the simulator itself failed, and not an endpoint: what it concerns was not sent or not recorded, and is to be run again.</summary>
    public required IReadOnlyList<Exception> Failures { get; init; }
}

/// <summary>A webhook that was sent, and what came of it.</summary>
internal sealed record SentDelivery(ClaimedDelivery Claimed, SendResult Result);

internal sealed class DeliverBatchHandler(
    Database database, BatchClaim claims, DeliveryClaim claim, BatchStore batches, DeliveryRecord record, FaultPlayer player, TimeProvider clock)
    : IRequestHandler<DeliverBatch, BatchOutcome>
{
    /// <summary>A slow receiver does not hold back what others have answered for longer than this.</summary>
    private static readonly TimeSpan RecordInterval = TimeSpan.FromMilliseconds(100);

    public async Task<BatchOutcome> Handle(DeliverBatch request, CancellationToken cancellationToken)
    {
        var taken = await claims.TakeAsync(request.DeliveryIds, cancellationToken);
        var (sent, failures, delivered, failed) = (new ConcurrentQueue<SentDelivery>(), taken.Failures, 0, 0);
        foreach (var (ids, outcome) in taken.Postponed) request.GoesOn(ids, outcome);
        var postponed = taken.Postponed.Sum(some => some.DeliveryIds.Count);
        List<Task> tasks = [.. taken.Claimed.Select(SendAsync)];
        var sending = Task.WhenAll(tasks);
        while (!sending.IsCompleted || !sent.IsEmpty)
        {
            await Task.WhenAny(sending, Task.Delay(RecordInterval, CancellationToken.None));
            try
            {
                await RecordAsync();
            }
            catch (Exception failure)
            {
                // The others are under way. These stay claimed, and are sent again when their claim has run out.
                failures.Add(failure);
            }
        }

        await GiveBackAsync([.. taken.Claimed.Where((_, i) => !tasks[i].IsCompletedSuccessfully)]);
        cancellationToken.ThrowIfCancellationRequested();
        return new BatchOutcome(delivered, failed, postponed, request.DeliveryIds.Count - delivered - failed - postponed)
        {
            GivenUpBefore = [.. taken.Refused.Where(IsGivenUp).Select(Again)],
            Failures = [.. failures, .. tasks.Where(task => task.IsFaulted).Select(task => task.Exception!.InnerException!)],
        };

        async Task SendAsync(ClaimedDelivery claimed)
        {
            using var pass = claimed.Pass;
            var result = await player.SendAsync(claimed, cancellationToken);
            if (result.ErrorClass != SendErrorClass.Dropped) pass.Answered(result);
            sent.Enqueue(new SentDelivery(claimed, result));
        }

        async Task RecordAsync()
        {
            var some = new List<SentDelivery>();
            while (sent.TryDequeue(out var one)) some.Add(one);
            if (some.Count == 0) return;

            var failing = await WhenWritable.DoAsync(() => database.WriteAsync(() => RecordSomeAsync(some), CancellationToken.None), cancellationToken);
            delivered += some.Count(one => one.Result.Error is null);
            foreach (var (id, outcome) in failing.Where(one => one.Outcome.Result is DeliveryResult.WillRetry or DeliveryResult.GaveUp))
            {
                failed++;
                request.GoesOn([id], outcome);
            }
        }
    }

    private async Task<List<(string DeliveryId, DeliveryOutcome Outcome)>> RecordSomeAsync(List<SentDelivery> some)
    {
        await batches.SucceedAsync([.. some.Where(one => one.Result.Error is null)], clock.GetUtcNow());
        var failing = new List<(string, DeliveryOutcome)>();
        // In one order everywhere, so that two that record the same deliveries wait for one another instead of each for the other.
        foreach (var (claimed, result) in some.Where(one => one.Result.Error is not null).OrderBy(one => one.Claimed.Delivery.Id, StringComparer.Ordinal))
            failing.Add((claimed.Delivery.Id, await record.FailureAsync(claimed, result)));
        return failing;
    }

    private async Task GiveBackAsync(List<ClaimedDelivery> unsent)
    {
        if (unsent.Count == 0) return;
        await database.WriteAsync(
            async () =>
            {
                foreach (var claimed in unsent) await claim.GiveBackAsync(claimed);
            },
            CancellationToken.None);
    }

    private static bool IsGivenUp(Delivery delivery) => delivery.Status == DeliveryStatus.Failed;

    private static (string DeliveryId, DeliveryOutcome Outcome) Again(Delivery delivery) =>
        (delivery.Id, new DeliveryOutcome(DeliveryResult.GaveUp, delivery.LastError!) { Failures = delivery.Failures });
}
