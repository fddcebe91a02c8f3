using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace ShitOps.Hosting.Cluster;

/// <summary>Which address a silo tells others to reach it by.</summary>
internal static class AdvertisedAddress
{
    /// <param name="configured">An IP address or a host name; null for the first usable one.</param>
    /// <exception cref="InvalidOperationException">The name cannot be resolved.</exception>
    public static IPAddress Resolve(string? configured)
    {
        if (configured is null)
            return Usable().FirstOrDefault(IPAddress.Loopback);
        if (IPAddress.TryParse(configured, out IPAddress? address))
            return address;
        try
        {
            IPAddress[] addresses = Dns.GetHostAddresses(configured);
            return addresses.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
        }
        catch (Exception error) when (error is SocketException or IndexOutOfRangeException)
        {
            throw new InvalidOperationException($"Cluster:AdvertisedAddress: '{configured}' cannot be resolved to an address.", error);
        }
    }

    /// <summary>True if the machine has the address; else it is another's translation of ours, and we listen on all.</summary>
    public static bool IsOwn(IPAddress address) => IPAddress.IsLoopback(address)
        || NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Any(a => a.Address.Equals(address));

    /// <summary>IPv4 addresses of interfaces that are up, those with a gateway first; neither loopback nor link-local.</summary>
    private static IEnumerable<IPAddress> Usable() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .Select(i => i.GetIPProperties())
        .OrderByDescending(p => p.GatewayAddresses.Count > 0)
        .SelectMany(p => p.UnicastAddresses)
        .Select(a => a.Address)
        .Where(a => a.AddressFamily == AddressFamily.InterNetwork && !a.ToString().StartsWith("169.254.", StringComparison.Ordinal));
}
