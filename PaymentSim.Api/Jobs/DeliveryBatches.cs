using Hangfire;
using Hangfire.States;
using PaymentSim.Api.Hosting;

namespace PaymentSim.Api.Jobs;

/// <summary>
/// Makes the jobs of first attempts, away from the requests that cause them: deliveries that are committed at about the same time on this node share
/// one job when there are many. What waits here is lost in a crash, and the sweeper finds it; when the program stops, it is written out.
/// </summary>
internal sealed partial class DeliveryBatches(IBackgroundJobClientV2 client, JobOptions options, TimeProvider clock, ILogger<DeliveryBatches> logger) : IDisposable
{
    /// <summary>About 10 MB of ids. What comes when that many wait is left to the sweeper.</summary>
    private const int MostWaiting = 100_000;

    private readonly object _lock = new();
    private readonly Queue<string> _waiting = new();
    private readonly BatchPace _pace = new(options.DeliveryBatch);
    private readonly long _started = clock.GetTimestamp();
    private string[] _entering = [];
    private Thread? _thread;
    private volatile bool _stopping;
    private bool _full;

    /// <summary>Where jobs are shared by nodes, unless each delivery is to have its own.</summary>
    public bool Collects { get; } = options is { Storage: JobStorageKind.Postgres, DeliveryBatch: > 1 };

    /// <summary>The deliveries that will have their job in a moment.</summary>
    public IReadOnlyCollection<string> Waiting
    {
        get
        {
            lock (_lock) return [.. _waiting, .. _entering];
        }
    }

    /// <summary>A delivery is on the disk and due: it gets its job soon. Does not wait.</summary>
    public void Add(string deliveryId)
    {
        lock (_lock)
        {
            if (_stopping) return;
            if (_waiting.Count < MostWaiting)
            {
                _waiting.Enqueue(deliveryId);
                if (_thread is null) Start();
                else if (_waiting.Count == 1 || _waiting.Count == options.DeliveryBatch) Monitor.Pulse(_lock);
                return;
            }

            if (_full) return;
            _full = true;
        }

        LogFull(MostWaiting);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stopping = true;
            Monitor.Pulse(_lock);
        }

        _thread?.Join();
    }

    private void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "PaymentSim job maker" };
        // Without the context of the request that happens to be the first.
        _thread.UnsafeStart();
    }

    private void Run()
    {
        while (Next() is { } batch)
        {
            try
            {
                client.Create(batch.Length == 1 ? HangfireJobs.For(batch[0]) : HangfireJobs.For(batch), new EnqueuedState(WebhookJob.Queue));
            }
            catch (BackgroundJobClientException failure)
            {
                LogNotMade(failure, batch.Length);
                if (_stopping) return;
            }
        }
    }

    /// <summary>Waits for the next job's deliveries. Null: there are none, and the program stops.</summary>
    private string[]? Next()
    {
        lock (_lock)
        {
            _entering = [];
            while (true)
            {
                if (_waiting.Count == 0)
                {
                    if (_stopping) return null;
                    Monitor.Wait(_lock);
                    continue;
                }

                var (take, wait) = _stopping ? (Math.Min(_waiting.Count, options.DeliveryBatch), TimeSpan.Zero) : _pace.Next(_waiting.Count, clock.GetElapsedTime(_started));
                if (take == 0)
                {
                    Monitor.Wait(_lock, wait);
                    continue;
                }

                _full = false;
                _entering = new string[take];
                for (var i = 0; i < take; i++) _entering[i] = _waiting.Dequeue();
                return _entering;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A job for {Count} deliveries could not be made; the sweeper will make it")]
    private partial void LogNotMade(Exception failure, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} deliveries wait for their jobs: further ones are left to the sweeper")]
    private partial void LogFull(int count);
}
