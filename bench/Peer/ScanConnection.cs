using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ShitOps.Bench.Peers;

/// <summary>clamd as most clients use it: a connection, one INSTREAM, an answer, and the connection is over (clamd(8)).</summary>
internal static class ScanConnection
{
    private static ReadOnlySpan<byte> Command => "zINSTREAM\0"u8;

    /// <exception cref="InvalidOperationException">It is not clean, or the scanner did not say so.</exception>
    public static async Task ScanAsync(int port, ReadOnlyMemory<byte> content, CancellationToken stop)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, stop);
        // Everything in one write: the command, one chunk with its length before it, and the empty chunk that ends it.
        var request = new byte[Command.Length + 4 + content.Length + 4];
        Command.CopyTo(request);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(Command.Length), content.Length);
        content.Span.CopyTo(request.AsSpan(Command.Length + 4));
        for (int sent = 0; sent < request.Length;)
            sent += await socket.SendAsync(request.AsMemory(sent), stop);

        var answer = new byte[512];
        int length = 0;
        while (length < answer.Length && (length == 0 || answer[length - 1] != 0))
        {
            int read = await socket.ReceiveAsync(answer.AsMemory(length), stop);
            if (read == 0)
                break;
            length += read;
        }
        if (!answer.AsSpan(0, length).SequenceEqual("stream: OK\0"u8))
            throw new InvalidOperationException($"the scanner answered '{Encoding.ASCII.GetString(answer, 0, length)}'");
    }
}
