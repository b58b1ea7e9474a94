using System.Diagnostics;
using Hangfire;
using Hangfire.States;
using PaymentSim.Api.Hosting;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>Runs jobs that do nothing through a job storage.</summary>
/// <param name="Storage">One of <see cref="JobsProbe.Storages"/>, by name.</param>
/// <param name="Folder">For what it keeps.</param>
internal sealed record JobsOrder(string Storage, string Folder, double WarmUpSeconds, double Seconds) : BenchOrder;

/// <param name="Storage">Its name.</param>
/// <param name="Jobs">How many were enqueued, and all executed.</param>
/// <param name="PerSecond">From the first one's enqueuing to the last one's end.</param>
/// <param name="Lost">Enqueued, and not executed.</param>
/// <param name="Duplicates">Executed more often than enqueued.</param>
internal sealed record JobsResult(string Storage, int Jobs, double Seconds, double PerSecond, int Lost, int Duplicates);

/// <summary>How many jobs a second Hangfire gets through a storage: enqueued from 8 threads, executed by 20 workers.</summary>
internal static class JobsProbe
{
    private const int Threads = 8;
    private const int Workers = 20;

    /// <summary>Enqueuing waits for the workers when it is so far ahead, which bounds memory.</summary>
    private const int MostWaiting = 5_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The storages that are compared; the first is what the others are measured against. The text is a folder of their own.</summary>
    public static readonly IReadOnlyList<(string Name, Func<string, WebApplication> Create)> Storages =
    [
        ("memory", folder => Host(folder, JobStorageKind.Memory)),
        ("sqlite", folder => Host(folder, JobStorageKind.Sqlite)),
    ];

    /// <summary>The simulator as it is set up, of which only the job storage is used.</summary>
    private static WebApplication Host(string folder, JobStorageKind storage) => Simulator.Build(
        [$"--PaymentSim:DataDirectory={folder}", $"--Jobs:Storage={storage}"], builder => builder.Logging.ClearProviders());

    public static async Task<JobsResult> RunAsync(JobsOrder order)
    {
        await using var host = Storages.Single(known => known.Name == order.Storage).Create(order.Folder);
        var storage = host.Services.GetRequiredService<JobStorage>();
        using var server = new BackgroundJobServer(new BackgroundJobServerOptions { WorkerCount = Workers, SchedulePollingInterval = TimeSpan.FromSeconds(1) }, storage);
        await MeasureAsync(storage, order.WarmUpSeconds);
        var (jobs, seconds) = await MeasureAsync(storage, order.Seconds);
        var missing = jobs - NoOpJob.Executed;
        return new JobsResult(
            order.Storage, jobs, Math.Round(seconds, 3), Math.Round(jobs / seconds, 1), Math.Max(0, missing), Math.Max(0, -missing));
    }

    private static async Task<(int Jobs, double Seconds)> MeasureAsync(JobStorage storage, double seconds)
    {
        NoOpJob.Reset();
        var enqueued = 0;
        var start = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(Enqueue) { IsBackground = true }).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        var waiting = Stopwatch.GetTimestamp();
        while (NoOpJob.Executed < enqueued && Stopwatch.GetElapsedTime(waiting) < Patience) await Task.Delay(1);
        return (enqueued, Stopwatch.GetElapsedTime(start).TotalSeconds);

        void Enqueue()
        {
            var client = new BackgroundJobClient(storage);
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
            {
                if (Volatile.Read(ref enqueued) - NoOpJob.Executed > MostWaiting)
                {
                    Thread.Sleep(1);
                    continue;
                }

                client.Create(() => NoOpJob.Run(), new EnqueuedState());
                Interlocked.Increment(ref enqueued);
            }
        }
    }
}

/// <summary>A job that is only counted. Hangfire calls public methods alone.</summary>
public static class NoOpJob
{
    private static int _executed;

    internal static int Executed => Volatile.Read(ref _executed);

    public static void Run() => Interlocked.Increment(ref _executed);

    internal static void Reset() => Volatile.Write(ref _executed, 0);
}
