using System.Globalization;
using System.Text.Json;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Hangfire.Storage;
using PaymentSim.Core;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Jobs;

/// <summary>Where a replay of many deliveries stands.</summary>
public enum ReplayState
{
    /// <summary>Its job runs, or waits to.</summary>
    Running,

    /// <summary>A person stopped it; what it had replayed by then stays so.</summary>
    Stopped,

    Finished,

    /// <summary>Its job failed: requeued, it goes on where it was.</summary>
    Failed,
}

/// <summary>A replay of all deliveries that a filter finds, as people see it.</summary>
public sealed record ReplayRun
{
    public required string Id { get; init; }

    /// <summary>As the person gave it.</summary>
    public required DeliveryFilter Filter { get; init; }

    /// <summary>What is replayed: of what the filter finds, that which had been made when it began.</summary>
    public DeliveryFilter Scope => Filter.To < StartedAt ? Filter : Filter with { To = StartedAt };

    public required ReplayState State { get; init; }

    /// <summary>How many were found when it began.</summary>
    public required long Total { get; init; }

    /// <summary>How many are being sent again.</summary>
    public required long Replayed { get; init; }

    /// <summary>How many were not: something had happened to them meanwhile.</summary>
    public required long Skipped { get; init; }

    /// <summary>The delivery behind which it goes on; null at its beginning.</summary>
    public string? Behind { get; init; }

    /// <summary>Who began it; null where nobody is named.</summary>
    public string? By { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public string? JobId { get; init; }
}

/// <summary>
/// Replays of many deliveries: each is a Hangfire job, and how far it is stands beside the jobs, so that every node and every later start finds it.
/// </summary>
internal sealed class ReplayRuns(JobStorage storage, IBackgroundJobClientV2 client, Ids ids, TimeProvider clock)
{
    private const string AllRuns = "paymentsim:replays";

    /// <summary>So many are kept to be shown.</summary>
    private const int Kept = 20;

    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    /// <summary>Begins a replay of what a filter finds now; what is made from now on is not part of it.</summary>
    /// <returns>Its id.</returns>
    public string Start(DeliveryFilter filter, long total, string? by)
    {
        var (id, now) = (ids.New("rpl"), clock.GetUtcNow());
        using var connection = (JobStorageConnection)storage.GetConnection();
        var older = All(connection).SkipLast(Kept - 1).ToList();
        using (var transaction = (JobStorageTransaction)connection.CreateWriteTransaction())
        {
            transaction.SetRangeInHash(Key(id), new Dictionary<string, string>
            {
                [nameof(ReplayRun.Filter)] = JsonSerializer.Serialize(filter, CoreJson.Options),
                [nameof(ReplayRun.State)] = nameof(ReplayState.Running),
                [nameof(ReplayRun.Total)] = Number(total),
                [nameof(ReplayRun.Replayed)] = Number(0),
                [nameof(ReplayRun.Skipped)] = Number(0),
                [nameof(ReplayRun.By)] = by ?? "",
                [nameof(ReplayRun.StartedAt)] = Number(now.ToUnixTimeMilliseconds()),
            });
            transaction.ExpireHash(Key(id), KeptFor);
            transaction.AddToSet(AllRuns, id, now.ToUnixTimeMilliseconds());
            foreach (var old in older) transaction.RemoveFromSet(AllRuns, old);
            transaction.Commit();
        }

        var job = client.Create(Job.FromExpression<ReplayRunJob>(run => run.Run(id, CancellationToken.None)), new EnqueuedState());
        Set(id, (nameof(ReplayRun.JobId), job));
        return id;
    }

    /// <summary>The run, or null where there is none (any more).</summary>
    public ReplayRun? Find(string id)
    {
        using var connection = (JobStorageConnection)storage.GetConnection();
        return Read(connection, id);
    }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<ReplayRun> Latest(int count)
    {
        using var connection = (JobStorageConnection)storage.GetConnection();
        return [.. All(connection).AsEnumerable().Reverse().Take(count).Select(id => Read(connection, id)).OfType<ReplayRun>()];
    }

    /// <summary>It ends after what it is doing just now.</summary>
    public void Stop(string id)
    {
        if (Find(id) is { State: ReplayState.Running or ReplayState.Failed }) Set(id, (nameof(ReplayRun.State), nameof(ReplayState.Stopped)));
    }

    /// <summary>How far it is now. A stop that came meanwhile stays.</summary>
    internal void Report(ReplayRun run) => Set(
        run.Id, (nameof(ReplayRun.Replayed), Number(run.Replayed)), (nameof(ReplayRun.Skipped), Number(run.Skipped)), (nameof(ReplayRun.Behind), run.Behind ?? ""));

    internal void Finish(string id) => Set(id, (nameof(ReplayRun.State), nameof(ReplayState.Finished)));

    /// <summary>Oldest first.</summary>
    private static List<string> All(JobStorageConnection connection) => connection.GetRangeFromSet(AllRuns, 0, 2 * Kept);

    private void Set(string id, params (string Field, string Value)[] fields)
    {
        using var connection = storage.GetConnection();
        connection.SetRangeInHash(Key(id), fields.ToDictionary(field => field.Field, field => field.Value));
    }

    private static ReplayRun? Read(JobStorageConnection connection, string id)
    {
        if (connection.GetAllEntriesFromHash(Key(id)) is not { } hash || !hash.TryGetValue(nameof(ReplayRun.Filter), out var filter)) return null;

        var job = Text(nameof(ReplayRun.JobId));
        return new ReplayRun
        {
            Id = id,
            Filter = JsonSerializer.Deserialize<DeliveryFilter>(filter, CoreJson.Options)!,
            State = StateNow(connection, Enum.Parse<ReplayState>(hash[nameof(ReplayRun.State)]), job),
            Total = Long(nameof(ReplayRun.Total)),
            Replayed = Long(nameof(ReplayRun.Replayed)),
            Skipped = Long(nameof(ReplayRun.Skipped)),
            Behind = Text(nameof(ReplayRun.Behind)),
            By = Text(nameof(ReplayRun.By)),
            StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(Long(nameof(ReplayRun.StartedAt))),
            JobId = job,
        };

        string? Text(string field) => hash.TryGetValue(field, out var text) && text is { Length: > 0 } ? text : null;

        long Long(string field) => long.Parse(hash[field], CultureInfo.InvariantCulture);
    }

    /// <summary>A person may have deleted the job of a run, and a failure may have ended it.</summary>
    private static ReplayState StateNow(JobStorageConnection connection, ReplayState written, string? job)
    {
        if (written != ReplayState.Running || job is null) return written;
        var state = connection.GetJobData(job)?.State;
        return state == FailedState.StateName ? ReplayState.Failed
            : state is null || state == DeletedState.StateName ? ReplayState.Stopped
            : written;
    }

    private static string Key(string id) => $"paymentsim:replay:{id}";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
