using System.Collections.Concurrent;
using System.Diagnostics;
using Hangfire;
using Hangfire.States;
using Hangfire.Storage;
using MediatR;
using PaymentSim.Core;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Jobs;

/// <summary>
/// Has a replayed delivery sent by the job that it had before, so that QA sees that one leave the failed or planned jobs. Which one that is was noted
/// when it failed or was planned; a delivery that arrived at once has no such note, and its replay gets a new job.
/// </summary>
internal sealed partial class ReplayedJobs(
    IBackgroundJobClientV2 client, JobStorage storage, IServiceScopeFactory scopes, ILogger<ReplayedJobs> logger) : IDisposable
{
    /// <summary>By this reason <see cref="WebhookJobFilter"/> knows that the delivery is rearmed already.</summary>
    public const string Reason = "Replayed";

    private const string JobId = "job";

    /// <summary>Each waits for the database most of the time.</summary>
    private const int Threads = 4;

    /// <summary>How often it is looked again what others have made of a job meanwhile.</summary>
    private const int Tries = 5;

    /// <summary>So long it is waited for a worker that has the job: it is about to claim the delivery, or to say what came of it.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

    private readonly BlockingCollection<string> _waiting = [];
    private readonly object _lock = new();
    private Thread[] _threads = [];

    /// <summary>Notes a delivery's job, with the change of its state.</summary>
    /// <param name="retention">How long the job may stay.</param>
    public static void Remember(JobStorageTransaction transaction, string deliveryId, string jobId, TimeSpan retention)
    {
        transaction.SetRangeInHash(Key(deliveryId), [KeyValuePair.Create(JobId, jobId)]);
        transaction.ExpireHash(Key(deliveryId), retention);
    }

    /// <summary>
    /// Inside the write unit in which the delivery became due, so that nobody can have claimed it for that: has its job run now, whatever its state is.
    /// False: none is known, or it is gone.
    /// </summary>
    /// <exception cref="BackgroundJobClientException">The state could not be changed.</exception>
    public bool TryRun(string deliveryId)
    {
        using var connection = storage.GetConnection();
        if (JobOf(connection, deliveryId) is not { } job) return false;
        for (var i = 0; i < Tries; i++)
        {
            if (connection.GetStateData(job)?.Name is not { } state) return false;
            // From "processing", too: its attempt is over, and it is about to say what came of that.
            if (TryRequeue(job, state)) return true;
        }

        // Others are at work on it. Should they leave it undone, the sweeper finds that.
        return true;
    }

    /// <summary>The same, or a new job, away from the caller. What waits here is lost when the program stops, and the sweeper finds it.</summary>
    public void RunSoon(string deliveryId)
    {
        lock (_lock)
        {
            if (_waiting.IsAddingCompleted) return;
            if (_threads.Length == 0)
            {
                _threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(Run) { IsBackground = true, Name = "PaymentSim replays" })];
                // Without the context of the request that happens to be the first.
                foreach (var thread in _threads) thread.UnsafeStart();
            }

            _waiting.Add(deliveryId);
        }
    }

    public void Dispose()
    {
        lock (_lock) _waiting.CompleteAdding();
        while (_waiting.TryTake(out _))
        {
            // Left to the sweeper.
        }

        foreach (var thread in _threads) thread.Join();
        _waiting.Dispose();
    }

    private static string? JobOf(IStorageConnection connection, string deliveryId) =>
        ((JobStorageConnection)connection).GetValueFromHash(Key(deliveryId), JobId);

    private static string Key(string deliveryId) => "webhook-job:" + deliveryId;

    private void Run()
    {
        foreach (var delivery in _waiting.GetConsumingEnumerable())
        {
            try
            {
                RunOnce(delivery);
            }
            catch (Exception failure)
            {
                // A thread's last exception would end the program.
                LogNotRun(failure, delivery);
            }
        }
    }

    private void RunOnce(string deliveryId)
    {
        using var connection = storage.GetConnection();
        var job = JobOf(connection, deliveryId);
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            // The state first: one that is read once the delivery was due could be that of a worker who has claimed it since.
            var state = job is null ? null : connection.GetStateData(job)?.Name;
            if (!IsDue(deliveryId)) return;
            if (state is null)
            {
                client.Create(HangfireJobs.For(deliveryId), new EnqueuedState(WebhookJob.Queue));
                return;
            }

            // From "processing" its attempt would be broken off as soon as its worker saw that the job is not its own any more.
            if (state != ProcessingState.StateName && TryRequeue(job!, state)) return;
            // A worker has it that may be gone. Should it be left undone, the sweeper finds that.
            if (waiting.Elapsed > LongestTurn) return;
            Thread.Sleep(BetweenLooks);
        }
    }

    private bool TryRequeue(string job, string from) =>
        from == EnqueuedState.StateName || client.ChangeState(job, new EnqueuedState(WebhookJob.Queue) { Reason = Reason }, from);

    /// <summary>It may have been sent since it came here, and its job be planned for the next attempt.</summary>
    private bool IsDue(string deliveryId)
    {
        using var scope = scopes.CreateScope();
        return Blocking.Result(scope.ServiceProvider.GetRequiredService<IMediator>().Send(new IsReplayDue(deliveryId)));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The job of {Delivery} could not be requeued; the sweeper will do it")]
    private partial void LogNotRun(Exception failure, string delivery);
}
