using System.Collections.Concurrent;
using System.Net;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Tests.Support;

/// <summary>Rules of where webhooks may go.</summary>
public static class Networks
{
    /// <summary>Anywhere, as in the sandbox.</summary>
    public static NetworkPolicy All { get; } = new(AllowedHosts.None, _ => ValueTask.FromResult(true));

    /// <summary>To public addresses alone, and to what is allowed; names have the addresses that are told, and others the machine's.</summary>
    public static NetworkPolicy Public(string allowed = "", Func<string, IPAddress[]?>? names = null) => new(
        AllowedHosts.Parse(allowed),
        _ => ValueTask.FromResult(false),
        names is null ? null : async (name, cancellationToken) => names(name) ?? await Dns.GetHostAddressesAsync(name, cancellationToken));

    /// <summary>A name server whose answers change: each look-up of the name gets the next one, and the last one for ever.</summary>
    public static Func<string, IPAddress[]?> Changing(string name, params string[] answers)
    {
        var left = new ConcurrentQueue<string>(answers);
        return asked => asked != name ? null
            : left.Count > 1 && left.TryDequeue(out var next) ? Parse(next)
            : left.TryPeek(out var last) ? Parse(last)
            : null;
    }

    private static IPAddress[] Parse(string addresses) => [.. addresses.Split(' ').Select(IPAddress.Parse)];
}
