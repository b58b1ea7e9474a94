using PaymentSim.Core.Storage.Sqlite;

namespace PaymentSim.Core.JobStorage;

/// <summary>Reads jobs one by one.</summary>
internal static class JobReader
{
    private const string ById = $"SELECT {JobRecord.Columns} FROM jobs WHERE id = ?1";

    public static JobRecord? Find(JobStore store, long id)
    {
        // A unit sees the row that it has just written; all others see the job as it was before until the row is on the disk.
        if (store.NewJobs.Find(id) is { } created && !(created.HasRow && store.Database.AmbientUnit is not null)) return created.ToRecord();
        return store.Read(connection => Find(connection, id));
    }

    public static JobRecord? Find(PreparedConnection connection, long id) => connection.Prepare(ById).Bind(id).First(JobRecord.Read);
}
