using System.Collections.Concurrent;
using System.Data.Common;
using Npgsql;

namespace PaymentSim.Core.Storage.Postgres;

/// <summary>The kinds of connections that are made from the one connection string that the settings give; what it says itself is stronger.</summary>
internal sealed class PostgresConnections
{
    /// <summary>Per node, and half of a small server's 100: the jobs have as many of their own.</summary>
    private const int PoolSize = 30;

    /// <summary>
    /// A request that waits longer than this for another's lock is told to come again, and a node that stands still in the middle of a unit
    /// loses its locks.
    /// </summary>
    private const string Limits = "-c lock_timeout=10s -c idle_in_transaction_session_timeout=30s";

    /// <summary>One per connection string for the whole process, as with ADO.NET's own pools: who opens a database again finds its connections.</summary>
    private static readonly ConcurrentDictionary<string, NpgsqlDataSource> Pools = new();

    private readonly NpgsqlConnectionStringBuilder _given;

    /// <exception cref="StorageException">It is no connection string. The message does not repeat it, for it may hold a password.</exception>
    public PostgresConnections(string connectionString)
    {
        try
        {
            _given = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or NotSupportedException)
        {
            throw new StorageException($"ConnectionStrings:PaymentSim is no connection string of PostgreSQL. {Shape}");
        }

        if (string.IsNullOrEmpty(_given.Host)) throw new StorageException($"ConnectionStrings:PaymentSim names no Host. {Shape}");
    }

    /// <summary>"the PostgreSQL database paymentsim at db.example:5432".</summary>
    public string Name => $"the PostgreSQL database {_given.Database ?? _given.Username} at {_given.Host}:{_given.Port}";

    private const string Shape = "It looks like this: Host=localhost;Database=paymentsim;Username=…;Password=…";

    /// <summary>Pooled, for units and queries; statements that are used again and again are prepared.</summary>
    public NpgsqlDataSource ForPayments()
    {
        var settings = Settings("PaymentSim");
        settings.Options = _given.Options is { Length: > 0 } own ? $"{Limits} {own}" : Limits;
        if (!Says("Max Auto Prepare")) settings.MaxAutoPrepare = 100;
        // No unit leaves anything in its session that the next one would have to be protected from.
        settings.NoResetOnClose = true;
        return PoolOf(settings);
    }

    /// <summary>Pooled, for Hangfire.</summary>
    public NpgsqlDataSource ForJobs() => PoolOf(Settings("PaymentSim jobs"));

    /// <summary>Without limits of time, for work on the schema.</summary>
    public NpgsqlDataSource ForSetup()
    {
        var settings = Settings("PaymentSim setup");
        settings.CommandTimeout = 0;
        return PoolOf(settings);
    }

    private static NpgsqlDataSource PoolOf(NpgsqlConnectionStringBuilder settings) => Pools.GetOrAdd(settings.ToString(), NpgsqlDataSource.Create);

    private NpgsqlConnectionStringBuilder Settings(string application)
    {
        var settings = new NpgsqlConnectionStringBuilder(_given.ToString()) { Enlist = false, PersistSecurityInfo = false };
        if (!Says("Application Name")) settings.ApplicationName = application;
        if (!Says("Maximum Pool Size")) settings.MaxPoolSize = PoolSize;
        return settings;
    }

    private bool Says(string keyword) => ((DbConnectionStringBuilder)_given).ShouldSerialize(keyword);
}
