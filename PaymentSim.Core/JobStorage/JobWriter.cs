using PaymentSim.Core.Storage.Sqlite;

namespace PaymentSim.Core.JobStorage;

/// <summary>Writes one transaction's changes of jobs, and collects by how much each list of the dashboard grows.</summary>
internal sealed class JobWriter(PreparedConnection connection, int historyPerJob, Func<long> nextListOrder)
{
    private const string InsertJob =
        """
        INSERT INTO jobs (id, created_at, expire_at, state, state_number, states, list_order, state_at, state_reason, state_data,
            queue, type, method, parameter_types, parameters, arguments)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
        """;

    private const string InsertState = "INSERT INTO job_states (job_id, number, name, reason, created_at, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

    private const string MoveStateToHistory =
        """
        INSERT INTO job_states (job_id, number, name, reason, created_at, data)
        SELECT id, state_number, state, state_reason, state_at, state_data FROM jobs WHERE id = ?1
        """;

    private const string UpdateState =
        """
        UPDATE jobs SET state = ?2, state_number = ?3, states = ?4, list_order = ?5, state_at = ?6, state_reason = ?7, state_data = ?8 WHERE id = ?1
        """;

    private const string UpdateStateAndExpiry =
        """
        UPDATE jobs SET state = ?2, state_number = ?3, states = ?4, list_order = ?5, state_at = ?6, state_reason = ?7, state_data = ?8,
            expire_at = ?9
        WHERE id = ?1
        """;

    public Dictionary<string, long> Counts { get; } = [];

    public void Write(JobChange change)
    {
        if (change.Created is { } created) Insert(created, change);
        else if (change.States.Count > 0) ChangeState(change);
        else if (change.SetsExpiry) connection.Prepare("UPDATE jobs SET expire_at = ?2 WHERE id = ?1").Bind(change.Id).Bind(change.ExpireAt).Execute();

        if (change.Created is null && change.Parameters.Count > 0) MergeParameters(change);
    }

    private void Insert(NewJob job, JobChange change)
    {
        var current = change.Current < 0 ? null : change.States[change.Current];
        foreach (var (name, value) in change.Parameters) job.SetParameter(name, value);
        connection.Prepare(InsertJob)
            .Bind(job.Id).Bind(job.CreatedAt).Bind(change.SetsExpiry ? change.ExpireAt : job.ExpireAt)
            .Bind(current?.Name).Bind(change.Current + 1).Bind(change.States.Count).Bind(ListOrder(current))
            .Bind(current?.At).Bind(current?.Reason).Bind(current?.Data)
            .Bind(job.Invocation.Queue).Bind(job.Invocation.Type).Bind(job.Invocation.Method).Bind(job.Invocation.ParameterTypes)
            .Bind(job.ParametersText()).Bind(job.Invocation.Arguments)
            .Execute();
        AddToHistory(change, 0);
        Count(null, current?.Name);
    }

    private void ChangeState(JobChange change)
    {
        var before = connection.Prepare("SELECT state, state_number, states FROM jobs WHERE id = ?1").Bind(change.Id)
            .First(row => new Before(row.TextOrNull(0), row.Int64(1), row.Int64(2)));
        // Somebody removed the job: that must not fail the rest of the transaction.
        if (before is null) return;

        var last = before.States + change.States.Count;
        if (change.Current < 0)
        {
            connection.Prepare("UPDATE jobs SET states = ?2 WHERE id = ?1").Bind(change.Id).Bind(last).Execute();
            if (change.SetsExpiry) connection.Prepare("UPDATE jobs SET expire_at = ?2 WHERE id = ?1").Bind(change.Id).Bind(change.ExpireAt).Execute();
        }
        else
        {
            if (before.State is not null) connection.Prepare(MoveStateToHistory).Bind(change.Id).Execute();
            var current = change.States[change.Current];
            var update = connection.Prepare(change.SetsExpiry ? UpdateStateAndExpiry : UpdateState)
                .Bind(change.Id).Bind(current.Name).Bind(before.States + change.Current + 1).Bind(last).Bind(ListOrder(current))
                .Bind(current.At).Bind(current.Reason).Bind(current.Data);
            if (change.SetsExpiry) update.Bind(change.ExpireAt);
            update.Execute();
            Count(before.State, current.Name);
        }

        AddToHistory(change, before.States);
        if (last > historyPerJob)
            connection.Prepare("DELETE FROM job_states WHERE job_id = ?1 AND number <= ?2").Bind(change.Id).Bind(last - historyPerJob).Execute();
    }

    /// <summary>All states but the current one, which stands on the job's row until another takes its place.</summary>
    private void AddToHistory(JobChange change, long before)
    {
        for (var i = 0; i < change.States.Count; i++)
        {
            if (i == change.Current) continue;
            var state = change.States[i];
            connection.Prepare(InsertState)
                .Bind(change.Id).Bind(before + i + 1).Bind(state.Name).Bind(state.Reason).Bind(state.At).Bind(state.Data).Execute();
        }
    }

    private void MergeParameters(JobChange change)
    {
        var stored = connection.Prepare("SELECT parameters FROM jobs WHERE id = ?1").Bind(change.Id).First(row => row.TextOrNull(0) ?? "{}");
        if (stored is null) return;
        var parameters = JobTexts.Read(stored);
        foreach (var (name, value) in change.Parameters) parameters[name] = value;
        connection.Prepare("UPDATE jobs SET parameters = ?2 WHERE id = ?1").Bind(change.Id).Bind(JobTexts.Write(parameters)).Execute();
    }

    private long? ListOrder(StateRecord? state) => StateCounts.IsListed(state?.Name) ? nextListOrder() : null;

    private void Count(string? from, string? to)
    {
        if (from is not null && StateCounts.IsListed(from)) Counts[from] = Counts.GetValueOrDefault(from) - 1;
        if (to is not null && StateCounts.IsListed(to)) Counts[to] = Counts.GetValueOrDefault(to) + 1;
    }

    private sealed record Before(string? State, long Number, long States);
}
