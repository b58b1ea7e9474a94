using System.Globalization;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Events;
using PaymentSim.Core.Merchants;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Api.Hosting;

/// <summary>A setting cannot be read; the message names it.</summary>
public sealed class SettingException(string message) : Exception(message);

/// <summary>Where jobs are kept.</summary>
public enum JobStorageKind
{
    /// <summary>In the payments' own SQLite file: enqueued in the payment's own transaction, and still there after a restart.</summary>
    Sqlite,

    /// <summary>In the payments' own PostgreSQL database, shared by its nodes: enqueued right after the payment's commit.</summary>
    Postgres,

    /// <summary>In memory, for throw-away runs: deliveries find their jobs again after a restart, but failed jobs are gone from the dashboard.</summary>
    Memory,
}

/// <summary>How jobs are run.</summary>
/// <param name="Workers">Jobs that run at the same time; each holds a thread while it waits for an endpoint.</param>
/// <param name="DeliveryBatch">First attempts in one job at most, when there are many; 1: each has its own.</param>
/// <param name="FinishedRetention">How long the dashboard shows jobs that succeeded or were deleted.</param>
/// <param name="FailedRetention">How long failed jobs wait for a person.</param>
public sealed record JobOptions(JobStorageKind Storage, int Workers, int DeliveryBatch, TimeSpan FinishedRetention, TimeSpan FailedRetention);

/// <summary>The program's settings, read once at start from appsettings.json, the environment and the command line.</summary>
/// <param name="Access">Null: sandbox when every address is loopback, else keys.</param>
/// <param name="Dashboard">Who may open the dashboard; empty: whoever sits at this machine.</param>
public sealed record Settings(PaymentSimOptions Core, JobOptions Jobs, Access? Access, DashboardUsers Dashboard)
{
    /// <summary>The sections that the program reads; docs/configuration.md explains every key.</summary>
    public static readonly IReadOnlyList<string> Sections = ["PaymentSim", "ConnectionStrings", "Webhooks", "Jobs", "Dashboard"];

    private const string PostgresConnection = "ConnectionStrings:PaymentSim";

    /// <summary>A sixth of the jobs that Hangfire.PostgreSql runs in a second (docs/scale.md).</summary>
    private const int ReturnsOnPostgres = 25;

    /// <summary>A tenth of what the embedded storage runs (docs/performance.md).</summary>
    private const int ReturnsEmbedded = 500;

    private static readonly HashSet<string> Keys = new(StringComparer.OrdinalIgnoreCase)
    {
        "PaymentSim:DataDirectory", "PaymentSim:Storage", "PaymentSim:ApiVersion", "PaymentSim:Access", "PaymentSim:Latency",
        "PaymentSim:BankDebitDelay", "PaymentSim:Seed", "PaymentSim:SecretKey", PostgresConnection, "Webhooks:RetrySchedule", "Webhooks:Timeout", "Webhooks:SweepInterval",
        "Webhooks:AllowPrivateNetworks", "Webhooks:AllowedHosts", "Webhooks:AttemptRetention", "Webhooks:CircuitBreaker", "Webhooks:DisableAfter",
        "Jobs:Storage", "Jobs:Workers", "Jobs:DeliveryBatch", "Jobs:FinishedRetention", "Jobs:FailedRetention",
        "Dashboard:Users",
    };

    public static bool Knows(string key) => Keys.Contains(key);

    /// <exception cref="SettingException">A setting is unknown or has a wrong value.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        RefuseUnknown(configuration);
        var storage = OneOf(configuration, "PaymentSim:Storage", "sqlite", "postgres");
        var jobStorage = JobStorageBeside(storage, OneOf(configuration, "Jobs:Storage", "", "sqlite", "postgres", "memory"));
        var access = OneOf(configuration, "PaymentSim:Access", "", "sandbox", "keys");
        return new Settings(
            new PaymentSimOptions(
                new StorageOptions(Path.GetFullPath(Text(configuration, "PaymentSim:DataDirectory")))
                {
                    Postgres = storage == "postgres" ? ConnectionString(configuration) : null,
                    SecretKey = SecretKey(configuration),
                },
                new ApiVersionOptions(Text(configuration, "PaymentSim:ApiVersion")),
                new SimulationOptions(Time(configuration, "PaymentSim:Latency", TimeSpan.Zero)),
                new SettlementOptions(Time(configuration, "PaymentSim:BankDebitDelay", TimeSpan.Zero)),
                new WebhookOptions(
                    Parsed(configuration, "Webhooks:RetrySchedule", RetrySchedule.Parse),
                    Time(configuration, "Webhooks:Timeout", TimeSpan.FromMilliseconds(1)),
                    Time(configuration, "Webhooks:SweepInterval", TimeSpan.FromMilliseconds(100)))
                {
                    AllowPrivateNetworks = OneOf(configuration, "Webhooks:AllowPrivateNetworks", "", "true", "false") is { Length: > 0 } allow ? allow == "true" : null,
                    AllowedHosts = Parsed(configuration, "Webhooks:AllowedHosts", AllowedHosts.Parse),
                    AttemptRetention = Time(configuration, "Webhooks:AttemptRetention", TimeSpan.FromSeconds(1)),
                    DisableAfter = TimeOrNever(configuration, "Webhooks:DisableAfter"),
                },
                new LaneOptions((int)Number(configuration, "Jobs:Workers", 1, 1000), (int)Number(configuration, "Webhooks:CircuitBreaker", 0, 1000))
                {
                    Returns = storage == "postgres" ? ReturnsOnPostgres : ReturnsEmbedded,
                },
                configuration["PaymentSim:Seed"] is { Length: > 0 } ? (int)Number(configuration, "PaymentSim:Seed", 0, int.MaxValue) : null),
            new JobOptions(
                Enum.Parse<JobStorageKind>(jobStorage, ignoreCase: true),
                (int)Number(configuration, "Jobs:Workers", 1, 1000),
                (int)Number(configuration, "Jobs:DeliveryBatch", 1, 1000),
                Time(configuration, "Jobs:FinishedRetention", TimeSpan.FromSeconds(1)),
                Time(configuration, "Jobs:FailedRetention", TimeSpan.FromSeconds(1))),
            access.Length == 0 ? null : Enum.Parse<Access>(access, ignoreCase: true),
            Parsed(configuration, "Dashboard:Users", DashboardUsers.Parse));
    }

    private static string JobStorageBeside(string storage, string jobStorage) => (storage, jobStorage) switch
    {
        (_, "") => storage,
        ("sqlite", "postgres") => throw new SettingException("Jobs:Storage is 'postgres', which needs PaymentSim:Storage=postgres."),
        ("postgres", not "postgres") => throw new SettingException(
            $"Jobs:Storage is '{jobStorage}', but with PaymentSim:Storage=postgres it must be postgres: nodes that share payments must share their jobs."),
        _ => jobStorage,
    };

    /// <summary>Its content is not looked at here, and never said in a message: it may hold a password.</summary>
    private static string ConnectionString(IConfiguration configuration) => configuration[PostgresConnection] is { Length: > 0 } value
        ? value
        : throw new SettingException($"PaymentSim:Storage is 'postgres', so {PostgresConnection} must say where: Host=localhost;Database=paymentsim;Username=…;Password=…");

    private static byte[]? SecretKey(IConfiguration configuration)
    {
        if (configuration["PaymentSim:SecretKey"] is not { Length: > 0 } text) return null;
        var key = new byte[SecretBox.KeySize];
        return Convert.TryFromBase64String(text, key, out var length) && length == key.Length
            ? key
            : throw new SettingException($"PaymentSim:SecretKey must be {SecretBox.KeySize} bytes in base64, as 'openssl rand -base64 {SecretBox.KeySize}' makes them.");
    }

    private static void RefuseUnknown(IConfiguration configuration)
    {
        foreach (var key in Sections.SelectMany(section => configuration.GetSection(section).AsEnumerable()).Select(pair => pair.Key))
        {
            if (key.Contains(':', StringComparison.Ordinal) && !Keys.Contains(key))
                throw new SettingException($"There is no setting {key}. Settings of {key.Split(':')[0]}: {string.Join(", ", Keys.Where(known => known.StartsWith(key.Split(':')[0], StringComparison.OrdinalIgnoreCase)))}.");
        }
    }

    private static string Text(IConfiguration configuration, string key) =>
        configuration[key] is { Length: > 0 } value ? value : throw new SettingException($"{key} must not be empty.");

    private static string OneOf(IConfiguration configuration, string key, params string[] allowed)
    {
        var value = (configuration[key] ?? "").ToLowerInvariant();
        return allowed.Contains(value)
            ? value
            : throw new SettingException($"{key} is '{value}', but must be {string.Join(" or ", allowed.Where(option => option.Length > 0))}.");
    }

    private static TimeSpan Time(IConfiguration configuration, string key, TimeSpan least)
    {
        var value = Parsed(configuration, key, Duration.Parse);
        return value >= least ? value : throw new SettingException($"{key} must be at least {Duration.Format(least)}.");
    }

    private static TimeSpan? TimeOrNever(IConfiguration configuration, string key) =>
        configuration[key] is "never" or "0" || Time(configuration, key, TimeSpan.Zero) is not { Ticks: > 0 } time ? null : time;

    private static T Parsed<T>(IConfiguration configuration, string key, Func<string, T> parse)
    {
        try
        {
            return parse(configuration[key] ?? "");
        }
        catch (FormatException failure)
        {
            throw new SettingException($"{key}: {failure.Message}.");
        }
    }

    private static long Number(IConfiguration configuration, string key, long least, long most) =>
        long.TryParse(configuration[key], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw new SettingException($"{key} is '{configuration[key]}', but must be a whole number from {least} to {most}.");
}
