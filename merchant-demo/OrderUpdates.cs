using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace MerchantDemo;

/// <summary>Tells the open order pages that their order changed. In-process: one shop, one process.</summary>
internal sealed class OrderUpdates
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Channel<bool>>> _watchers = [];

    public void Notify(string orderId)
    {
        lock (_lock)
        {
            foreach (var watcher in _watchers.GetValueOrDefault(orderId, []))
                watcher.Writer.TryWrite(true);
        }
    }

    /// <summary>One item at once and one for every change from then on, until cancelled.</summary>
    public async IAsyncEnumerable<bool> WatchAsync(string orderId, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Room for one: the reader loads the order afresh, so several changes that it has not seen are one to it.
        var channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        channel.Writer.TryWrite(true);
        Add(orderId, channel);
        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(cancellation))
                yield return change;
        }
        finally
        {
            Remove(orderId, channel);
        }
    }

    private void Add(string orderId, Channel<bool> channel)
    {
        lock (_lock)
        {
            if (!_watchers.TryGetValue(orderId, out var watchers))
                _watchers[orderId] = watchers = [];
            watchers.Add(channel);
        }
    }

    private void Remove(string orderId, Channel<bool> channel)
    {
        lock (_lock)
        {
            var watchers = _watchers[orderId];
            watchers.Remove(channel);
            if (watchers.Count == 0)
                _watchers.Remove(orderId);
        }
    }
}

internal static class OrderEvents
{
    public static void MapOrderEvents(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/orders/{id}/events", (
            string id,
            OrderStore orders,
            OrderUpdates updates,
            IHostApplicationLifetime lifetime,
            HttpContext context) =>
        orders.Find(id) is null
            ? Results.NotFound()
            : TypedResults.ServerSentEvents(
                ReadAsync(id, orders, updates, lifetime.ApplicationStopping, context.RequestAborted)));

    // An open stream must not hold up a closing shop, so it ends with the shop as well as with its reader.
    private static async IAsyncEnumerable<SseItem<OrderJson>> ReadAsync(
        string id,
        OrderStore orders,
        OrderUpdates updates,
        CancellationToken closing,
        [EnumeratorCancellation] CancellationToken gone)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(closing, gone);
        await using var changes = updates.WatchAsync(id, end.Token).GetAsyncEnumerator(end.Token);
        while (await NextAsync(changes))
            yield return new SseItem<OrderJson>(OrderJson.Of(orders.Find(id)!, orders.Deliveries(id)), "order");
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<bool> changes)
    {
        try
        {
            return await changes.MoveNextAsync();
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
