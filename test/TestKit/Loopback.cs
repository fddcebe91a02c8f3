using System.Net;
using System.Net.Sockets;

namespace ShitOps.TestKit;

public static class Loopback
{
    /// <summary>A TCP port of 127.0.0.1 that was free a moment ago, below the ephemeral range so that no outgoing connection takes it.</summary>
    public static int FreePort()
    {
        while (true)
        {
            int port = Random.Shared.Next(12_000, 32_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: try another.
            }
        }
    }

    public static async Task<bool> AcceptsAsync(int port, CancellationToken stop = default)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, stop);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
