using System.Net;
using System.Net.Sockets;

namespace ShitOps.Silo.Webhooks;

/// <summary>No address of the name may be connected to.</summary>
internal sealed class AddressRefusedException(string host) : IOException($"{host} has no address that is allowed");

/// <summary>
/// Opens the connections of <see cref="WebhookHttp"/>: resolves the name, drops the addresses that are not allowed, and
/// connects to one of those it has looked at. Nothing resolves the name a second time, so it cannot mean something else then.
/// </summary>
/// <param name="resolve">The addresses of a name, or of a literal.</param>
internal sealed class GuardedConnect(AddressRule rule, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        (string host, int port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        IPAddress[] addresses = [.. (await resolve(host, stop)).Where(rule.Allows)];
        if (addresses.Length == 0)
            throw new AddressRefusedException(host);
        for (int i = 0; ; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(addresses[i], port), stop);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception error)
            {
                socket.Dispose();
                if (error is not SocketException || i == addresses.Length - 1)
                    throw;
            }
        }
    }
}
