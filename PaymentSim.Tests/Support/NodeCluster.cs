using System.Net;

namespace PaymentSim.Tests.Support;

/// <summary>Several simulators as users run them, processes on one PostgreSQL database; each can be killed and started again at its address.</summary>
public sealed class NodeCluster : IAsyncDisposable
{
    private static readonly string Key = Convert.ToBase64String(Enumerable.Range(1, 32).Select(i => (byte)i).ToArray());

    private readonly string[] _settings;
    private readonly TempFolder[] _folders;
    private readonly SimulatorProcess[] _processes;
    private readonly HttpClient[] _clients;

    private NodeCluster(int count, string[] settings)
    {
        _settings = settings;
        (_folders, _processes, _clients) = ([.. Enumerable.Range(0, count).Select(_ => new TempFolder())], new SimulatorProcess[count], new HttpClient[count]);
    }

    public int Count => _processes.Length;

    /// <param name="postgres">The database's connection string; a database without tables will do.</param>
    public static async Task<NodeCluster> StartAsync(int count, string postgres, params string[] settings)
    {
        var cluster = new NodeCluster(count, ["--PaymentSim:Storage=postgres", $"--ConnectionStrings:PaymentSim={postgres}", $"--PaymentSim:SecretKey={Key}", .. settings]);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, count).Select(node => cluster.StartAsync(node)));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A merchant that talks to one node.</summary>
    public Merchant MerchantAt(int node, string key) => new(key, _clients[node]);

    /// <summary>SIGKILL.</summary>
    public Task KillAsync(int node) => _processes[node].KillAsync();

    public async Task RestartAsync(int node)
    {
        await _processes[node].DisposeAsync();
        await StartAsync(node, _processes[node].Url);
    }

    /// <summary>Null: ready; else why not.</summary>
    public async Task<string?> WhyNotReadyAsync(int node)
    {
        using var answer = await _clients[node].GetAsync("/health/ready");
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable);
        return answer.StatusCode == HttpStatusCode.OK ? null : text;
    }

    /// <summary>What the nodes wrote, for the message of a test that fails.</summary>
    public string Output => string.Join("\n----\n", _processes.Select(process => process.Output + process.Errors));

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client?.Dispose();
        foreach (var process in _processes)
        {
            if (process is not null) await process.DisposeAsync();
        }

        foreach (var folder in _folders) folder.Dispose();
    }

    private async Task StartAsync(int node, string url = "http://127.0.0.1:0")
    {
        _processes[node] = await SimulatorProcess.ServeAsync([$"--urls={url}", $"--PaymentSim:DataDirectory={_folders[node].Path}", .. _settings]);
        _clients[node] ??= new HttpClient { BaseAddress = new Uri(_processes[node].Url) };
    }
}
