using Microsoft.Extensions.Logging.Abstractions;
using PaymentSim.Core.JobStorage;
using PaymentSim.Core.Storage;

namespace PaymentSim.Tests.Core.JobStorage;

internal static class JobStorages
{
    public static SqliteJobStorage Open(Database database, SqliteJobStorageOptions? options = null, TimeProvider? clock = null) =>
        new(database, options ?? new SqliteJobStorageOptions(), clock ?? TimeProvider.System, NullLogger<SqliteJobStorage>.Instance);
}
