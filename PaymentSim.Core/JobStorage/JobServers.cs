using System.Collections.Immutable;
using Hangfire.Server;
using Hangfire.Storage;
using Hangfire.Storage.Monitoring;

namespace PaymentSim.Core.JobStorage;

/// <summary>The job servers. They live in the process that owns the file and end with it, so that no crash leaves one behind.</summary>
internal sealed class JobServers(JobClock clock)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Server> _servers = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (_lock) return _servers.Count;
        }
    }

    public ImmutableArray<ServerDto> All
    {
        get
        {
            lock (_lock)
            {
                return
                [
                    .. _servers.Select(server => new ServerDto
                    {
                        Name = server.Key,
                        WorkersCount = server.Value.Workers,
                        Queues = [.. server.Value.Queues],
                        StartedAt = JobClock.ToDateTime(server.Value.StartedAt),
                        Heartbeat = JobClock.ToDateTime(server.Value.HeartbeatAt),
                    }),
                ];
            }
        }
    }

    /// <summary>Adds a server, or brings what is known of it up to date.</summary>
    public void Announce(string id, ServerContext context)
    {
        lock (_lock) _servers[id] = new Server(context.WorkerCount, [.. context.Queues ?? []], clock.Now());
    }

    public void Remove(string id)
    {
        lock (_lock) _servers.Remove(id);
    }

    /// <exception cref="BackgroundServerGoneException">There is no such server.</exception>
    public void Heartbeat(string id)
    {
        lock (_lock)
        {
            if (!_servers.TryGetValue(id, out var server)) throw new BackgroundServerGoneException();
            server.HeartbeatAt = clock.Now();
        }
    }

    /// <summary>Removes those that have been silent for longer than this, and answers how many they were.</summary>
    public int RemoveSilent(TimeSpan longest)
    {
        lock (_lock)
        {
            var before = clock.Now() - (long)longest.TotalMilliseconds;
            var gone = _servers.Where(server => server.Value.HeartbeatAt < before).Select(server => server.Key).ToList();
            foreach (var id in gone) _servers.Remove(id);
            return gone.Count;
        }
    }

    private sealed class Server(int workers, ImmutableArray<string> queues, long startedAt)
    {
        public int Workers => workers;

        public ImmutableArray<string> Queues => queues;

        public long StartedAt { get; } = startedAt;

        public long HeartbeatAt { get; set; } = startedAt;
    }
}
