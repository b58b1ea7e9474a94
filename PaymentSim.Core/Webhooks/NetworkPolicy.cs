using System.Net;
using System.Net.Sockets;

namespace PaymentSim.Core.Webhooks;

/// <summary>
/// Where webhooks may go: whoever registers a URL has the simulator call it, so that it must not lead to what only the simulator can reach.
/// </summary>
/// <param name="allowed">Let through, whatever they are.</param>
/// <param name="allowsPrivate">Whether all of this machine's networks are let through; it may wait until that is known.</param>
/// <param name="resolve">The addresses of a host name; the machine's resolver unless told.</param>
public sealed class NetworkPolicy(
    AllowedHosts allowed, Func<CancellationToken, ValueTask<bool>> allowsPrivate, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    /// <summary>A name that takes longer is checked when it is called.</summary>
    private static readonly TimeSpan LookUpTimeout = TimeSpan.FromSeconds(2);

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve = resolve ?? Dns.GetHostAddressesAsync;

    /// <summary>
    /// Why a URL must not be registered ("a private address"), or null. A name that has no address now may have one later: it is not refused,
    /// and checked whenever it is called.
    /// </summary>
    /// <param name="url">A valid http or https URL.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    public async Task<string?> WhyNotAsync(string url, CancellationToken cancellationToken)
    {
        var host = new Uri(url).IdnHost;
        if (allowed.Has(host) || await allowsPrivate(cancellationToken)) return null;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LookUpTimeout);
        try
        {
            // A resolver that does not heed its token must not hold up the request.
            return (await ResolveAsync(host, limit.Token).WaitAsync(limit.Token)).Select(WhyNot).FirstOrDefault(reason => reason is not null);
        }
        catch (Exception unknown) when (unknown is SocketException || (unknown is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>A host's addresses: the host itself where it is one.</summary>
    /// <exception cref="SocketException">The host is unknown.</exception>
    internal Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host, out var address) ? Task.FromResult<IPAddress[]>([address]) : _resolve(host, cancellationToken);

    /// <summary>Those of a host's addresses that may be called, and what one of the others is.</summary>
    internal async ValueTask<(IReadOnlyList<IPAddress> Open, string? Refused)> FilterAsync(
        string host, IPAddress[] addresses, CancellationToken cancellationToken)
    {
        if (allowed.Has(host) || await allowsPrivate(cancellationToken)) return (addresses, null);

        var (open, refused) = (new List<IPAddress>(addresses.Length), (string?)null);
        foreach (var address in addresses)
        {
            if (WhyNot(address) is { } reason) refused ??= reason;
            else open.Add(address);
        }

        return (open, refused);
    }

    private string? WhyNot(IPAddress address) => allowed.Has(address) ? null : PublicAddress.WhyNot(address);
}
