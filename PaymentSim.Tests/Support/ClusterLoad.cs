using System.Collections.Concurrent;

namespace PaymentSim.Tests.Support;

/// <summary>
/// Clients that charge through all nodes of a cluster, each charge under an idempotency key of its own; one that is refused or gets no answer is sent
/// again with its key to the next node, until one acknowledges it.
/// </summary>
public sealed class ClusterLoad
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Between two charges of a client, so that the nodes and the receiver have time for the webhooks.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Before a charge is sent again: a client that hammers a server in need is another fault.</summary>
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stop = new();
    private readonly Merchant[] _merchants;
    private readonly Task _clients;
    private readonly int[] _acknowledgedBy;

    /// <param name="cluster">The nodes.</param>
    /// <param name="key">The merchant's.</param>
    /// <param name="clients">How many charges there are at the same time.</param>
    public ClusterLoad(NodeCluster cluster, string key, int clients)
    {
        _merchants = [.. Enumerable.Range(0, cluster.Count).Select(node => cluster.MerchantAt(node, key))];
        _acknowledgedBy = new int[cluster.Count];
        _clients = Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => RunAsync(client))));
    }

    /// <summary>Charges' ids by their idempotency keys.</summary>
    public ConcurrentDictionary<string, string> Acknowledged { get; } = new();

    /// <summary>Answers of 503.</summary>
    public ConcurrentQueue<ApiAnswer> Refused { get; } = new();

    /// <summary>Answers that no fault of a node or database excuses.</summary>
    public ConcurrentQueue<ApiAnswer> Wrong { get; } = new();

    /// <summary>Waits until so many more charges are acknowledged, by whichever node or by this one.</summary>
    public async Task AcknowledgesAsync(int more, int? by = null)
    {
        var enough = Count() + more;
        await Eventually.HoldsAsync(
            () => _clients.IsFaulted ? throw _clients.Exception! : Task.FromResult(Count()), count => count >= enough, $"{enough} charges are acknowledged", Patience);

        int Count() => by is { } node ? Volatile.Read(ref _acknowledgedBy[node]) : Acknowledged.Count;
    }

    /// <summary>Begins no more charges; done when each that was begun is acknowledged.</summary>
    public async Task FinishAsync()
    {
        await _stop.CancelAsync();
        await _clients;
    }

    private async Task RunAsync(int client)
    {
        for (var i = 0; !_stop.IsCancellationRequested; i++)
        {
            var (key, next) = ($"client-{client}-charge-{i}", client + i);
            await Eventually.HoldsAsync(
                async () =>
                {
                    if (await TryAsync(key, next++ % _merchants.Length)) return true;
                    await Task.Delay(PauseAfterFailure);
                    return false;
                },
                $"{key} is acknowledged",
                Patience);
            await Task.Delay(Pause);
        }
    }

    private async Task<bool> TryAsync(string key, int node)
    {
        ApiAnswer answer;
        try
        {
            answer = await _merchants[node].ChargeAsync(idempotencyKey: key);
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException)
        {
            return false;
        }

        if (answer.Status == 200)
        {
            Acknowledged[key] = answer.Id;
            Interlocked.Increment(ref _acknowledgedBy[node]);
            return true;
        }

        (answer.Status == 503 ? Refused : Wrong).Enqueue(answer);
        return false;
    }
}
