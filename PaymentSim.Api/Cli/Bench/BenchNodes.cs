using System.Globalization;
using PaymentSim.Core;
using PaymentSim.Core.Storage.Postgres;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>Where a measurement's data is: a new folder and, on PostgreSQL, a new database, which is dropped when it is disposed.</summary>
internal sealed class BenchData : IAsyncDisposable
{
    private static int _databases;

    private readonly ScratchDatabase? _database;

    private BenchData(string folder, ScratchDatabase? database) => (Folder, _database) = (folder, database);

    public string Folder { get; }

    /// <summary>Of the database; null: the data is in the folder.</summary>
    public string? ConnectionString => _database?.ConnectionString;

    /// <param name="folder">It need not be there.</param>
    /// <param name="server">The connection string of a PostgreSQL server; null: an embedded database.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<BenchData> CreateAsync(string folder, string? server, CancellationToken stop)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"paymentsim_bench_{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}");
        return new BenchData(folder, server is null ? null : await ScratchDatabase.CreateAsync(server, name, stop));
    }

    /// <summary>The settings of a program that uses it.</summary>
    public static string[] Settings(string folder, string? connectionString) => connectionString is null
        ? [$"--PaymentSim:DataDirectory={folder}"]
        : [$"--PaymentSim:DataDirectory={folder}", "--PaymentSim:Storage=postgres", $"--ConnectionStrings:PaymentSim={connectionString}"];

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>The servers under test: one, or several on one PostgreSQL database.</summary>
internal sealed class BenchNodes : IAsyncDisposable
{
    private readonly BenchData _data;
    private readonly List<BenchServer> _nodes = [];

    private BenchNodes(BenchData data) => _data = data;

    public IReadOnlyList<string> Urls => [.. _nodes.Select(node => node.Url)];

    /// <summary>What all of them have had of the processors so far; a database server's own time is not among it.</summary>
    public TimeSpan ProcessorTime => _nodes.Aggregate(TimeSpan.Zero, (sum, node) => sum + node.ProcessorTime);

    /// <param name="count">How many.</param>
    /// <param name="data">Theirs from now on.</param>
    /// <param name="settings">Besides the usual ones.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="BenchException">One did not start.</exception>
    public static async Task<BenchNodes> StartAsync(int count, BenchData data, IEnumerable<string> settings, CancellationToken stop)
    {
        var nodes = new BenchNodes(data);
        try
        {
            // The same key for all of them, in folders of their own.
            string[] common = [.. settings, $"--PaymentSim:SecretKey={Convert.ToBase64String(new byte[SecretBox.KeySize])}"];
            for (var i = 0; i < count; i++)
            {
                var folder = Path.Combine(data.Folder, i.ToString(CultureInfo.InvariantCulture));
                nodes._nodes.Add(await BenchServer.StartAsync(folder, ServerStart.Usual, stop, [.. BenchData.Settings(folder, data.ConnectionString), .. common]));
            }

            return nodes;
        }
        catch
        {
            await nodes.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));
        await _data.DisposeAsync();
    }
}
