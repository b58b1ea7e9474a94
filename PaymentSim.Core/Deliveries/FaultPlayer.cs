using System.Globalization;
using Microsoft.Extensions.Logging;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// Has go wrong with an endpoint's webhooks what its plan says, from the event to the wire. Where it has none, all of this is one comparison with null.
/// </summary>
internal sealed partial class FaultPlayer(
    Database database, FaultStore faults, WebhookSender sender, IJobScheduler jobs, TimeProvider clock, ILogger<FaultPlayer> logger)
{
    /// <summary>Milliseconds for which a sender waits; a longer delay is planned, and holds nobody.</summary>
    public const long LongestWait = 1000;

    /// <summary>Inside the write unit that records an event: numbers its delivery, and plans it later where it is to be held back.</summary>
    public async Task<Delivery> PlanAsync(Delivery delivery, WebhookEndpoint endpoint)
    {
        if (endpoint.Faults is not { } plan || await faults.NextNumberAsync(endpoint, plan) is not { } number) return delivery;

        var met = plan.Of(number).Select(place => plan.Faults[place]).ToList();
        if (met.Count == 0) return delivery;
        // One that waits in line for others is not held back twice.
        var holds = delivery.NextAttemptAt is null ? [] : met.Where(fault => fault.Kind == FaultKind.Reorder || (fault.Kind == FaultKind.Delay && fault.Delay > LongestWait)).ToList();
        DateTimeOffset? until = holds.Count == 0 ? null : WholeSecond(delivery.CreatedAt.AddMilliseconds(holds.Max(fault => fault.Delay!.Value)));
        var waits = holds.Exists(fault => fault.Kind == FaultKind.Reorder);
        await faults.NumberAsync(
            endpoint, plan, new FaultyDelivery { DeliveryId = delivery.Id, Number = number, AttemptsBefore = delivery.Attempts, HeldUntil = until, Waits = waits });
        return until is null ? delivery : delivery with { NextAttemptAt = until };
    }

    /// <summary>A webhook that is ready to be claimed, as its faults make it.</summary>
    /// <param name="ready">As it should be.</param>
    /// <param name="secrets">The endpoint's active secrets.</param>
    /// <param name="now">The attempt's time.</param>
    public async Task<ClaimedDelivery> ApplyAsync(ClaimedDelivery ready, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        if (ready.Endpoint.Faults is not { } plan) return ready;
        var faulty = ready.Delivery.TriggerKind == DeliveryTrigger.Replay
            ? await database.WriteAsync(() => NumberReplayAsync(ready, plan))
            : await faults.FindAsync(ready.Delivery.Id, plan);
        if (faulty is null) return ready;

        var (webhook, play) = FaultPlay.Apply(ready.Webhook, plan, faulty, ready.Attempt - faulty.AttemptsBefore, secrets, now);
        return ready with { Webhook = webhook, Faults = play };
    }

    /// <summary>Sends a claimed webhook as its faults want it.</summary>
    /// <returns>What came of it; of one that is sent twice, of the first.</returns>
    /// <exception cref="OperationCanceledException">The simulator is being stopped.</exception>
    public async Task<SendResult> SendAsync(ClaimedDelivery claimed, CancellationToken cancellationToken)
    {
        if (claimed.Endpoint.Faults is not { } plan) return await sender.SendAsync(claimed.Webhook, cancellationToken);
        if (claimed.Faults?.Of(FaultKind.Delay) is { Delay: { } wait } && wait <= LongestWait) await Task.Delay(TimeSpan.FromMilliseconds(wait), cancellationToken);
        if (claimed.Faults?.Of(FaultKind.Drop) is not null)
            return new SendResult { ErrorClass = SendErrorClass.Dropped, Error = $"dropped on purpose, not sent to {claimed.Webhook.Url}", Duration = TimeSpan.Zero };

        var result = claimed.Faults?.Of(FaultKind.Duplicate) is { } duplicate
            ? await SendTwiceAsync(claimed, duplicate, cancellationToken)
            : await sender.SendAsync(claimed.Webhook, cancellationToken);
        if (plan.Faults.Any(fault => fault.Kind == FaultKind.Reorder)) await TryAsync(() => OvertakeAsync(claimed, plan));
        return result;
    }

    private async Task<SendResult> SendTwiceAsync(ClaimedDelivery claimed, Fault duplicate, CancellationToken cancellationToken)
    {
        var second = SendSecondAsync();
        var first = await sender.SendAsync(claimed.Webhook, cancellationToken);
        var came = await second;
        await TryAsync(() => database.WriteAsync(() => faults.NoteAsync(claimed, $"{claimed.Faults!.Text}: {came}"), CancellationToken.None));
        return first;

        async Task<string> SendSecondAsync()
        {
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(duplicate.Delay ?? 0), cancellationToken);
                var result = await sender.SendAsync(claimed.Webhook, cancellationToken);
                return result.Error ?? string.Create(CultureInfo.InvariantCulture, $"HTTP {result.Status}");
            }
            catch (OperationCanceledException)
            {
                return "broken off";
            }
        }
    }

    /// <summary>A person's replay is a delivery of its own to the plan, which is not held back: the person waits for it.</summary>
    private async Task<FaultyDelivery?> NumberReplayAsync(ClaimedDelivery ready, FaultPlan plan)
    {
        if (await faults.NextNumberAsync(ready.Endpoint, plan) is not { } number) return null;
        var faulty = new FaultyDelivery { DeliveryId = ready.Delivery.Id, Number = number, AttemptsBefore = ready.Delivery.Attempts, Waits = false };
        await faults.NumberAsync(ready.Endpoint, plan, faulty);
        return faulty;
    }

    private async Task OvertakeAsync(ClaimedDelivery claimed, FaultPlan plan)
    {
        if (!await faults.IsAwaitedAsync(claimed, plan)) return;
        await database.WriteAsync(
            async () =>
            {
                foreach (var id in await faults.OvertakeAsync(claimed, plan, clock.GetUtcNow())) jobs.Enqueue(new DeliverWebhook(id));
            },
            CancellationToken.None);
    }

    /// <summary>What came of the sending counts more than what is said of its faults; and one that was not overtaken is sent when its time has come.</summary>
    private async Task TryAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (ProblemException failure)
        {
            LogNotWritten(failure);
        }
    }

    /// <summary>Job engines plan by the second.</summary>
    private static DateTimeOffset WholeSecond(DateTimeOffset time)
    {
        var ticks = time.UtcTicks + TimeSpan.TicksPerSecond - 1;
        return new DateTimeOffset(ticks - ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What a fault did could not be written down")]
    private partial void LogNotWritten(Exception failure);
}
