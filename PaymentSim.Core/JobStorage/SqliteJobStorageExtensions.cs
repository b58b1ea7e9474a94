using Hangfire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.JobStorage;

/// <summary>Hangfire's way to choose a storage. Where several hosts share a process, register <see cref="SqliteJobStorage"/> instead.</summary>
public static class SqliteJobStorageExtensions
{
    /// <summary>Makes this the storage of the whole process.</summary>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="clock">Null: the computer's.</param>
    /// <param name="logger">Null: nothing is logged.</param>
    public static IGlobalConfiguration<SqliteJobStorage> UseSqliteStorage(
        this IGlobalConfiguration configuration,
        Database database,
        SqliteJobStorageOptions? options = null,
        TimeProvider? clock = null,
        ILogger<SqliteJobStorage>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration.UseStorage(new SqliteJobStorage(
            database, options ?? new SqliteJobStorageOptions(), clock ?? TimeProvider.System, logger ?? NullLogger<SqliteJobStorage>.Instance));
    }
}
