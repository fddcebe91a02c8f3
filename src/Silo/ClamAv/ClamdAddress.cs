using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace ShitOps.Silo.ClamAv;

/// <summary>Where a clamd listens: <c>tcp://host:port</c> (port 3310 if none is named) or <c>unix:///path</c>.</summary>
internal sealed class ClamdAddress
{
    private const int DefaultPort = 3310;
    private readonly string _text;
    private readonly EndPoint _endPoint;

    private ClamdAddress(string text, EndPoint endPoint)
    {
        _text = text;
        _endPoint = endPoint;
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out ClamdAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri))
            return false;
        if (uri.Scheme == "tcp" && uri.Host.Length > 0 && uri.PathAndQuery is "" or "/" && uri.UserInfo.Length == 0)
            address = new(text, new DnsEndPoint(uri.DnsSafeHost, uri.Port < 0 ? DefaultPort : uri.Port));
        // 107 bytes is what sockaddr_un holds.
        else if (uri.Scheme == "unix" && uri.Host.Length == 0 && uri.LocalPath is { Length: > 1 and <= 107 } path)
            address = new(text, new UnixDomainSocketEndPoint(path));
        return address is not null;
    }

    public async Task<Socket> ConnectAsync(CancellationToken stop)
    {
        Socket socket = _endPoint is UnixDomainSocketEndPoint
            ? new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(_endPoint, stop);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override string ToString() => _text;
}
