using System.Net;

namespace PaymentSim.Core.Webhooks;

/// <summary>Hosts that webhooks may go to though they are not on the public internet.</summary>
public sealed class AllowedHosts
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<IPNetwork> _networks = [];

    private AllowedHosts()
    {
    }

    public static AllowedHosts None { get; } = new();

    /// <summary>Reads host names, addresses and networks: <c>"hooks.internal, 10.1.2.3, 10.8.0.0/16, fd00::/8"</c>; an empty text means none.</summary>
    /// <exception cref="FormatException">A part is none of these.</exception>
    public static AllowedHosts Parse(string text)
    {
        var allowed = new AllowedHosts();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPNetwork.TryParse(part, out var network)) allowed._networks.Add(network);
            else if (IPAddress.TryParse(part, out var address)) allowed._networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else if (Uri.CheckHostName(part) == UriHostNameType.Dns) allowed._names.Add(part);
            else throw new FormatException($"'{part}' is no host name, address or network, such as 10.8.0.0/16");
        }

        return allowed;
    }

    public bool Has(string host) => _names.Contains(host);

    public bool Has(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        foreach (var network in _networks)
        {
            if (network.Contains(address)) return true;
        }

        return false;
    }
}
