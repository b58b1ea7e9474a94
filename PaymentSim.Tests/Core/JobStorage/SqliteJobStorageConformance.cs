using PaymentSim.Core.Storage.Sqlite;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>Our storage on a real file.</summary>
[Collection(HangfireStatics.Name)]
public sealed class SqliteJobStorageConformance : JobStorageConformance
{
    private readonly TempFolder _folder;
    private readonly SqliteDatabase _database;

    public SqliteJobStorageConformance()
        : this(new TempFolder())
    {
    }

    private SqliteJobStorageConformance(TempFolder folder)
        : this(folder, Databases.Open(folder))
    {
    }

    private SqliteJobStorageConformance(TempFolder folder, SqliteDatabase database)
        : base(() => JobStorages.Open(database)) => (_folder, _database) = (folder, database);

    public override void Dispose()
    {
        base.Dispose();
        _database.Dispose();
        _folder.Dispose();
    }
}
