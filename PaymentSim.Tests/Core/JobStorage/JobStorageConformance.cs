using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Hangfire.Storage;
using HangfireStorage = Hangfire.JobStorage;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>
/// What Hangfire and its dashboard expect of a job storage, over any storage. A subclass whose storage differs overrides the test and skips it
/// with the reason.
/// </summary>
public abstract partial class JobStorageConformance : IDisposable
{
    /// <summary>After this a thing hangs. No measure: a slow machine may take its time.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    private readonly Lazy<HangfireStorage> _storage;
    private JobStorageConnection? _connection;

    protected JobStorageConformance(Func<HangfireStorage> open)
    {
        JobStorages.ConfigureHangfire();
        _storage = new Lazy<HangfireStorage>(open);
    }

    protected HangfireStorage Storage => _storage.Value;

    protected JobStorageConnection Connection => _connection ??= NewConnection();

    protected IMonitoringApi Monitor => Storage.GetMonitoringApi();

    /// <summary>What newer storages can do beside.</summary>
    protected JobStorageMonitor NewerMonitor => (JobStorageMonitor)Storage.GetMonitoringApi();

    protected BackgroundJobClient Client => new(Storage);

    /// <summary>How many jobs each of several threads makes where many are wanted: as many as this storage runs in a few seconds.</summary>
    protected virtual int JobsOfEachProducer => 400;

    public virtual void Dispose()
    {
        _connection?.Dispose();
        GC.SuppressFinalize(this);
    }

    protected JobStorageConnection NewConnection() => (JobStorageConnection)Storage.GetConnection();

    protected JobStorageTransaction NewTransaction() => (JobStorageTransaction)Connection.CreateWriteTransaction();

    protected void Write(Action<JobStorageTransaction> change)
    {
        using var transaction = NewTransaction();
        change(transaction);
        transaction.Commit();
    }

    /// <summary>Creates a job that does nothing; answers its id.</summary>
    protected string NewJob(params (string Name, string Value)[] parameters) => Connection.CreateExpiredJob(
        Job.FromExpression(() => Probe.Nothing()), parameters.ToDictionary(pair => pair.Name, pair => pair.Value), DateTime.UtcNow, Month);

    protected string NewJob(IState state)
    {
        var id = NewJob();
        Write(transaction => transaction.SetJobState(id, state));
        return id;
    }

    protected string NewJobIn(string queue)
    {
        var id = NewJob();
        Enqueue(queue, id);
        return id;
    }

    protected void Enqueue(string queue, string id) => Write(transaction =>
    {
        transaction.SetJobState(id, new EnqueuedState(queue));
        transaction.AddToQueue(queue, id);
    });

    protected IFetchedJob Fetch(params string[] queues)
    {
        using var limit = new CancellationTokenSource(Limit);
        return Connection.FetchNextJob(queues, limit.Token);
    }

    /// <summary>Takes all that is in a queue, and acknowledges it.</summary>
    protected List<string> Drain(string queue)
    {
        var ids = new List<string>();
        while (Monitor.EnqueuedCount(queue) > 0)
        {
            using var fetched = Fetch(queue);
            fetched.RemoveFromQueue();
            ids.Add(fetched.JobId);
        }

        return ids;
    }

    protected static FailedState Failure(string message) => new(new InvalidOperationException(message)) { Reason = "why " + message };

    /// <summary>Runs an action on some threads at once, and waits for all of them.</summary>
    protected static void InParallel(int threads, Action<int> action)
    {
        var failures = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        var all = Enumerable.Range(0, threads).Select(number => new Thread(() =>
        {
            try
            {
                action(number);
            }
            catch (Exception failure)
            {
                failures.Enqueue(failure);
            }
        })).ToList();
        all.ForEach(thread => thread.Start());
        foreach (var thread in all) thread.Join(Limit).ShouldBeTrue("the threads come to an end");
        failures.ShouldBeEmpty();
    }
}
