using System.Collections.Concurrent;

namespace PaymentSim.Tests.Support;

/// <summary>
/// Clients that charge one after another, as careful merchants do: each charge has a key of its own and is asked for again, of whichever
/// server is up, until it is acknowledged. Every tenth is a bank debit, which a job settles later.
/// </summary>
public sealed class ChargeLoad : IAsyncDisposable
{
    private const int DebitEvery = 10;

    private readonly string _key;
    private readonly TimeSpan _pause;
    private readonly Task[] _clients;
    private readonly CancellationTokenSource _abandoned = new();
    private readonly ConcurrentDictionary<string, Charged> _acknowledged = [];
    private readonly ConcurrentQueue<ApiAnswer> _refusals = [];
    private readonly ConcurrentBag<HttpClient> _connections = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _change = NewSignal();
    private Merchant? _server;
    private int _broken;
    private volatile bool _finishing;

    /// <param name="key">The merchant's API key.</param>
    /// <param name="clients">How many charge at the same time.</param>
    /// <param name="pause">How long each waits between two requests, so that the machine has time for the rest.</param>
    public ChargeLoad(string key, int clients, TimeSpan pause)
    {
        (_key, _pause) = (key, pause);
        _clients = [.. Enumerable.Range(0, clients).Select(client => Task.Run(() => ChargeAsync(client)))];
    }

    /// <summary>The charges that were answered with 200.</summary>
    public IReadOnlyCollection<Charged> Acknowledged => [.. _acknowledged.Values];

    /// <summary>How many requests had no answer: nobody knows whether they were carried out.</summary>
    public int Broken => _broken;

    /// <summary>Answers of status 503.</summary>
    public IReadOnlyCollection<ApiAnswer> Refusals => _refusals;

    /// <summary>From now on the charges go there.</summary>
    /// <param name="url">Null: no server is up, and the clients wait.</param>
    public void Use(string? url)
    {
        Merchant? server = null;
        if (url is not null)
        {
            var http = new HttpClient { BaseAddress = new Uri(url) };
            _connections.Add(http);
            server = new Merchant(_key, http);
        }

        TaskCompletionSource change;
        lock (_lock) (_server, change, _change) = (server, _change, NewSignal());
        change.SetResult();
    }

    /// <summary>Begins no more charges, and waits until those that were begun are acknowledged.</summary>
    public async Task FinishAsync()
    {
        _finishing = true;
        await Task.WhenAll(_clients);
    }

    /// <summary>Asks for every acknowledged charge again; fails where the answer is not that same charge.</summary>
    public Task ShouldReplayAsync(Merchant server) => Parallel.ForEachAsync(_acknowledged.Values, async (charge, _) =>
    {
        var replay = (await server.ChargeAsync(charge.Source, idempotencyKey: charge.Key)).ShouldBe(200);
        (replay.Id, replay.Header("Idempotent-Replayed")).ShouldBe((charge.Id, "true"));
    });

    public async ValueTask DisposeAsync()
    {
        _finishing = true;
        await _abandoned.CancelAsync();
        // What went wrong with them was told by FinishAsync, or the test has failed before.
        await Task.WhenAll(_clients).ContinueWith(_ => { }, TaskScheduler.Default);
        _abandoned.Dispose();
        foreach (var http in _connections) http.Dispose();
    }

    private async Task ChargeAsync(int client)
    {
        Merchant? lost = null;
        for (var i = 1; !_finishing; i++)
        {
            var (key, source) = ($"client-{client}-charge-{i}", i % DebitEvery == 0 ? Charged.Debit : "tok_visa");
            while (!_acknowledged.ContainsKey(key))
            {
                var server = await NextAsync(lost);
                try
                {
                    var answer = await server.ChargeAsync(source, idempotencyKey: key);
                    if (answer.Status == 503) _refusals.Enqueue(answer);
                    else _acknowledged[key] = new Charged(key, source, answer.ShouldBe(200).Id);
                }
                catch (Exception gone) when (gone is HttpRequestException or IOException)
                {
                    Interlocked.Increment(ref _broken);
                    lost = server;
                }

                await Task.Delay(_pause, _abandoned.Token);
            }
        }
    }

    /// <summary>The server that is up: another than the one that broke off.</summary>
    private async Task<Merchant> NextAsync(Merchant? lost)
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                if (_server is not null && _server != lost) return _server;
                change = _change.Task;
            }

            await change.WaitAsync(_abandoned.Token);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A charge that was acknowledged.</summary>
public sealed record Charged(string Key, string Source, string Id)
{
    public const string Debit = "btok_us_verified";

    /// <summary>It has two events: pending, and settled.</summary>
    public bool IsDebit => Source == Debit;
}
