using Hangfire;
using Microsoft.Extensions.Logging.Abstractions;
using PaymentSim.Core.JobStorage;
using PaymentSim.Core.Storage;

namespace PaymentSim.Tests.Core.JobStorage;

internal static class JobStorages
{
    /// <summary>
    /// Hangfire's statics as the product sets them, but without a host: the last one of another test has left its log and its services there, and ended.
    /// </summary>
    public static void ConfigureHangfire() => GlobalConfiguration.Configuration
        .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
        .UseSimpleAssemblyNameTypeSerializer()
        .UseRecommendedSerializerSettings()
        .UseDefaultActivator()
        .UseNoOpLogProvider();

    public static SqliteJobStorage Open(Database database, SqliteJobStorageOptions? options = null, TimeProvider? clock = null) =>
        new(database, options ?? new SqliteJobStorageOptions(), clock ?? TimeProvider.System, NullLogger<SqliteJobStorage>.Instance);
}

/// <summary>These tests use Hangfire's statics, which every simulator that starts beside them would change.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HangfireStatics
{
    public const string Name = "Hangfire's statics";
}
