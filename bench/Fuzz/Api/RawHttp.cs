using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ShitOps.Fuzz.Api;

/// <param name="Status">0: the connection ended without an answer.</param>
/// <param name="IsFile">The body is what somebody uploaded, handed back as it came: of whatever type its sender called it.</param>
internal sealed record RawAnswer(int Status, string ContentType, bool IsFile, string Body);

/// <summary>
/// HTTP as bytes on a socket: no library in between that would mend what is meant to be broken. One request a connection.
/// </summary>
internal static class RawHttp
{
    private const int Enough = 4 * 1024 * 1024;

    /// <param name="isWhole">It will be waited for an answer; else nothing comes after these bytes, and that is made known.</param>
    /// <exception cref="TimeoutException">Neither an answer nor the end of the connection in time.</exception>
    public static async Task<RawAnswer> SendAsync(int port, ReadOnlyMemory<byte> request, bool isWhole, TimeSpan limit)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), timeout.Token);
            // Beside the reading: who is refused early answers before all was sent.
            Task sending = SendAsync(socket, request, isWhole, timeout.Token);
            RawAnswer answer = await ReadAsync(socket, timeout.Token);
            // A sending that cannot go on any more ends with the socket.
            _ = sending;
            return answer;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException();
        }
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> request, bool isWhole, CancellationToken stop)
    {
        try
        {
            while (request.Length > 0)
                request = request[await socket.SendAsync(request, SocketFlags.None, stop)..];
            // The server takes a closed half for a caller that has gone, and need not answer: right where the request is broken.
            if (!isWhole)
                socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // What was answered tells.
        }
    }

    private static async Task<RawAnswer> ReadAsync(Socket socket, CancellationToken stop)
    {
        var bytes = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        try
        {
            while (bytes.Length < Enough && await socket.ReceiveAsync(buffer, stop) is > 0 and int read)
            {
                bytes.Write(buffer, 0, read);
                // A stream has no end.
                if (Header(bytes, "content-type").StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase))
                    break;
            }
        }
        catch (SocketException)
        {
            // Reset: what came before it is the answer.
        }
        string text = Encoding.Latin1.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        return text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && text.Length > 12
            ? new(int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), Header(bytes, "content-type"),
                Header(bytes, "content-disposition").StartsWith("attachment", StringComparison.OrdinalIgnoreCase), BodyOf(text, Header(bytes, "transfer-encoding")))
            : new(0, "", false, text);
    }

    private static string Header(MemoryStream bytes, string name)
    {
        string text = Encoding.Latin1.GetString(bytes.GetBuffer(), 0, (int)Math.Min(bytes.Length, 8192));
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return text[..Math.Max(0, end)].Split("\r\n").Skip(1).Select(line => line.Split(':', 2))
            .FirstOrDefault(pair => pair[0].Equals(name, StringComparison.OrdinalIgnoreCase))?[^1].Trim() ?? "";
    }

    private static string BodyOf(string text, string encoding)
    {
        string body = text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        if (encoding != "chunked")
            return body;
        var whole = new StringBuilder();
        for (int at = 0; at < body.Length;)
        {
            int line = body.IndexOf("\r\n", at, StringComparison.Ordinal);
            if (line < 0 || !int.TryParse(body.AsSpan(at, line - at), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int length) || length == 0)
                break;
            whole.Append(body, line + 2, Math.Min(length, body.Length - line - 2));
            at = line + 2 + length + 2;
        }
        return whole.ToString();
    }
}
