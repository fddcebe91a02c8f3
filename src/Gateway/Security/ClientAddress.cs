using System.Net;
using Microsoft.Extensions.Options;

namespace ShitOps.Gateway.Security;

/// <summary>Where a request comes from: the other end of the connection, or whom a trusted proxy there says it speaks for.</summary>
internal sealed class ClientAddress(IOptions<GatewayOptions> options)
{
    private readonly IPNetwork[] _proxies = [.. options.Value.TrustedProxies.Select(IPNetwork.Parse)];

    public IPAddress? Of(HttpContext http) => Of(http.Connection.RemoteIpAddress, http.Request.Headers["X-Forwarded-For"].ToString());

    /// <summary>
    /// From the right, as each proxy adds whom it was called by: the first that is no trusted proxy. What stands to its left
    /// is its own word, and counts for nothing.
    /// </summary>
    internal IPAddress? Of(IPAddress? peer, string forwarded)
    {
        string[] said = forwarded.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        for (int i = said.Length - 1; i >= 0 && IsProxy(peer); i--)
        {
            if (!IPAddress.TryParse(said[i], out IPAddress? before))
                break;
            peer = before;
        }
        return peer;
    }

    private bool IsProxy(IPAddress? address)
    {
        if (address is null)
            return false;
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_proxies, network => network.Contains(plain));
    }
}
