using System.Globalization;
using System.Text.Json;
using Hangfire.Common;
using Hangfire.States;
using Hangfire.Storage.Monitoring;

namespace PaymentSim.Core.JobStorage;

/// <summary>The pages of lists.</summary>
internal sealed partial class SqliteJobMonitor
{
    private const string OldestFirst =
        $"SELECT {JobRecord.Columns} FROM jobs WHERE state = ?1 AND list_order IS NOT NULL ORDER BY list_order LIMIT ?2 OFFSET ?3";

    private const string NewestFirst =
        $"SELECT {JobRecord.Columns} FROM jobs WHERE state = ?1 AND list_order IS NOT NULL ORDER BY list_order DESC LIMIT ?2 OFFSET ?3";

    private const string ByIds = $"SELECT {JobRecord.Columns} FROM jobs WHERE id IN (SELECT value FROM json_each(?1))";

    public override JobList<EnqueuedJobDto> EnqueuedJobs(string queue, int from, int perPage)
    {
        var ids = store.Queues.Ready(queue, from, perPage);
        var jobs = Find(ids);
        return new(ids.Select(id => KeyValuePair.Create(JobIds.ToText(id), jobs.GetValueOrDefault(id) is not { } job ? null! : new EnqueuedJobDto
        {
            Job = job.Load(out var failure),
            LoadException = failure,
            InvocationData = job.Invocation,
            State = job.State?.Name,
            InEnqueuedState = job.State?.Name == EnqueuedState.StateName,
            EnqueuedAt = job.State?.Name == EnqueuedState.StateName ? At(job) : null,
            StateData = Data(job),
        })));
    }

    public override JobList<FetchedJobDto> FetchedJobs(string queue, int from, int perPage)
    {
        var fetched = store.Queues.Fetched(queue, from, perPage);
        var jobs = Find([.. fetched.Select(entry => entry.Entry.JobId)]);
        return new(fetched.Select(entry => KeyValuePair.Create(
            JobIds.ToText(entry.Entry.JobId),
            jobs.GetValueOrDefault(entry.Entry.JobId) is not { } job ? null! : new FetchedJobDto
            {
                Job = job.Load(out var failure),
                LoadException = failure,
                InvocationData = job.Invocation,
                State = job.State?.Name,
                FetchedAt = JobClock.ToDateTime(entry.At),
            })));
    }

    public override JobList<ProcessingJobDto> ProcessingJobs(int from, int count) => List(OldestFirst, ProcessingState.StateName, from, count, job =>
    {
        var data = Data(job);
        return new ProcessingJobDto
        {
            Job = job.Load(out var failure),
            LoadException = failure,
            InvocationData = job.Invocation,
            InProcessingState = true,
            ServerId = data.GetValueOrDefault("ServerId") ?? data.GetValueOrDefault("ServerName"),
            StartedAt = Time(data, "StartedAt") ?? At(job),
            StateData = data,
        };
    });

    public override JobList<ScheduledJobDto> ScheduledJobs(int from, int count) => List(OldestFirst, ScheduledState.StateName, from, count, job =>
    {
        var data = Data(job);
        return new ScheduledJobDto
        {
            Job = job.Load(out var failure),
            LoadException = failure,
            InvocationData = job.Invocation,
            InScheduledState = true,
            EnqueueAt = Time(data, "EnqueueAt") ?? At(job)!.Value,
            ScheduledAt = At(job),
            StateData = data,
        };
    });

    public override JobList<SucceededJobDto> SucceededJobs(int from, int count) => List(NewestFirst, SucceededState.StateName, from, count, job =>
    {
        var data = Data(job);
        return new SucceededJobDto
        {
            Job = job.Load(out var failure),
            LoadException = failure,
            InvocationData = job.Invocation,
            InSucceededState = true,
            Result = data.GetValueOrDefault("Result"),
            TotalDuration = Number(data, "PerformanceDuration") is { } run && Number(data, "Latency") is { } wait ? run + wait : null,
            SucceededAt = At(job),
            StateData = data,
        };
    });

    public override JobList<FailedJobDto> FailedJobs(int from, int count) => List(NewestFirst, FailedState.StateName, from, count, job =>
    {
        var data = Data(job);
        return new FailedJobDto
        {
            Job = job.Load(out var failure),
            LoadException = failure,
            InvocationData = job.Invocation,
            InFailedState = true,
            Reason = job.State?.Reason,
            ExceptionType = data.GetValueOrDefault("ExceptionType"),
            ExceptionMessage = data.GetValueOrDefault("ExceptionMessage"),
            ExceptionDetails = data.GetValueOrDefault("ExceptionDetails"),
            FailedAt = At(job),
            StateData = data,
        };
    });

    public override JobList<DeletedJobDto> DeletedJobs(int from, int count) => List(NewestFirst, DeletedState.StateName, from, count, job => new DeletedJobDto
    {
        Job = job.Load(out var failure),
        LoadException = failure,
        InvocationData = job.Invocation,
        InDeletedState = true,
        DeletedAt = At(job),
        StateData = Data(job),
    });

    public override JobList<AwaitingJobDto> AwaitingJobs(int from, int count)
    {
        var page = List(OldestFirst, AwaitingState.StateName, from, count, job => new AwaitingJobDto
        {
            Job = job.Load(out var failure),
            LoadException = failure,
            InvocationData = job.Invocation,
            InAwaitingState = true,
            AwaitingAt = At(job),
            StateData = Data(job),
        });
        var parents = Find([.. page.Select(job => Parent(job.Value)).OfType<long>()]);
        foreach (var (_, job) in page) job.ParentStateName = Parent(job) is { } parent ? parents.GetValueOrDefault(parent)?.State?.Name : null;
        return page;
    }

    private JobList<T> List<T>(string sql, string state, int from, int count, Func<JobRecord, T> toDto)
    {
        var jobs = Read(connection => connection.Prepare(sql).Bind(state).Bind(Math.Max(count, 0)).Bind(from).Query(JobRecord.Read));
        return new(jobs.Select(job => KeyValuePair.Create(JobIds.ToText(job.Id), toDto(job))));
    }

    private Dictionary<long, JobRecord> Find(IReadOnlyCollection<long> ids) => ids.Count == 0 ? [] : Read(connection => connection
        .Prepare(ByIds).Bind(JsonSerializer.Serialize(ids)).Query(JobRecord.Read)).ToDictionary(job => job.Id);

    private static long? Parent(AwaitingJobDto job) =>
        job.StateData.TryGetValue("ParentId", out var parent) && parent is not null && JobIds.TryParse(parent, out var id) ? id : null;

    private static DateTime? At(JobRecord job) => job.State is { } state ? JobClock.ToDateTime(state.At) : null;

    private static Dictionary<string, string?> Data(JobRecord job) => JobTexts.Read(job.State?.Data);

    /// <summary>A time as states write it; null where it is none: one bad row must not take the page with it.</summary>
    private static DateTime? Time(Dictionary<string, string?> data, string name)
    {
        if (data.GetValueOrDefault(name) is not { } text) return null;
        try
        {
            return JobHelper.DeserializeNullableDateTime(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static long? Number(Dictionary<string, string?> data, string name) =>
        long.TryParse(data.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var number) ? number : null;
}
