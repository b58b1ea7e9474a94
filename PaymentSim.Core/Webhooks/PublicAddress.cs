using System.Net;
using System.Net.Sockets;

namespace PaymentSim.Core.Webhooks;

/// <summary>Which addresses the whole internet shares, by the registries of RFC 6890, and what the others are.</summary>
internal static class PublicAddress
{
    private const string Loopback = "a loopback address";
    private const string Private = "a private address";
    private const string LinkLocal = "a link-local address";
    private const string Multicast = "a multicast address";
    private const string Unspecified = "an unspecified address";
    private const string Documentation = "an address for documentation";
    private const string Reserved = "a reserved address";

    private static readonly (IPNetwork Network, string What)[] NotPublic =
    [
        Range("0.0.0.0/8", Unspecified),
        Range("10.0.0.0/8", Private),
        Range("100.64.0.0/10", Private),
        Range("127.0.0.0/8", Loopback),
        Range("169.254.0.0/16", LinkLocal),
        Range("172.16.0.0/12", Private),
        Range("192.0.0.0/24", Reserved),
        Range("192.0.2.0/24", Documentation),
        Range("192.88.99.0/24", Reserved),
        Range("192.168.0.0/16", Private),
        Range("198.18.0.0/15", "an address for benchmarks"),
        Range("198.51.100.0/24", Documentation),
        Range("203.0.113.0/24", Documentation),
        Range("224.0.0.0/4", Multicast),
        Range("255.255.255.255/32", "the broadcast address"),
        Range("240.0.0.0/4", Reserved),
        Range("::/128", Unspecified),
        Range("::1/128", Loopback),
        Range("fc00::/7", Private),
        Range("fe80::/10", LinkLocal),
        Range("fec0::/10", Private),
        Range("ff00::/8", Multicast),
        // Teredo, ORCHID, benchmarks and other protocols' own.
        Range("2001::/23", Reserved),
        Range("2001:db8::/32", Documentation),
        Range("3fff::/20", Documentation),
    ];

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>Addresses that hold an IPv4 address, which is where their packets go: NAT64 and 6to4, and where it begins.</summary>
    private static readonly (IPNetwork Network, int At)[] Embedding = [(IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("2002::/16"), 2)];

    /// <summary>What an address is that is not public: "a private address"; null for a public one.</summary>
    public static string? WhyNot(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        foreach (var (network, what) in NotPublic)
        {
            if (network.Contains(address)) return what;
        }

        if (address.AddressFamily == AddressFamily.InterNetwork) return null;
        foreach (var (network, at) in Embedding)
        {
            if (network.Contains(address)) return WhyNot(new IPAddress(address.GetAddressBytes().AsSpan(at, 4)));
        }

        return GlobalUnicast.Contains(address) ? null : Reserved;
    }

    private static (IPNetwork Network, string What) Range(string network, string what) => (IPNetwork.Parse(network), what);
}
