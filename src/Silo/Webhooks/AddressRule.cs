using System.Net;
using System.Net.Sockets;

namespace ShitOps.Silo.Webhooks;

/// <summary>
/// To which addresses a silo connects for a team: those anyone could reach from the Internet, and those the configuration
/// names. What a silo can reach besides, its own machine, its neighbours, the cloud's metadata, is none of a team's business.
/// Sources: the IANA special-purpose registries,
/// https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry
/// </summary>
internal sealed class AddressRule(IEnumerable<IPNetwork> allowed)
{
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", // this network
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", // private (RFC 1918)
            "100.64.0.0/10", // shared, behind a carrier's NAT (RFC 6598)
            "127.0.0.0/8", // loopback
            "169.254.0.0/16", // link-local, clouds' metadata among it
            "192.0.0.0/24", "192.88.99.0/24", // protocol assignments, 6to4 relays
            "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", // documentation
            "198.18.0.0/15", // benchmarks
            "224.0.0.0/4", "240.0.0.0/4", // multicast, reserved and broadcast
            "2001::/23", // protocol assignments, Teredo among them: a way to IPv4
            "2001:db8::/32", "3fff::/20", // documentation
            "2002::/16", // 6to4: a way to IPv4
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>Whatever IPv6 has outside of this is loopback, local, mapped, translated (64:ff9b::/96), multicast or not given out.</summary>
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private readonly IPNetwork[] _allowed = [.. allowed];

    public bool Allows(IPAddress address)
    {
        // ::ffff:127.0.0.1 is 127.0.0.1 to whoever connects to it.
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (Array.Exists(_allowed, network => network.Contains(plain)))
            return true;
        if (plain.AddressFamily == AddressFamily.InterNetworkV6 && !GlobalUnicast.Contains(plain))
            return false;
        return !Array.Exists(NotPublic, network => network.Contains(plain));
    }
}
