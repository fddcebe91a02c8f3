using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ShitOps.Cli.Doctor;

/// <summary>
/// Speaks to clamd itself (https://docs.clamav.net/manual/Usage/Scanning.html#clamd): it must find EICAR, let harmless text
/// pass, and have signatures that are not old.
/// </summary>
internal static class ClamdCheck
{
    private const int DefaultPort = 3310;
    private static readonly TimeSpan Stale = TimeSpan.FromDays(7);

    public static async Task<Finding> RunAsync(string endpoint, TimeProvider time, CancellationToken stop)
    {
        string name = "clamd " + endpoint;
        try
        {
            string version = await AskAsync(endpoint, "VERSION", null, stop);
            string harmless = await AskAsync(endpoint, "INSTREAM", Eicar.Harmless, stop);
            string eicar = await AskAsync(endpoint, "INSTREAM", Eicar.File, stop);
            if (!harmless.EndsWith(" OK", StringComparison.Ordinal))
                return Finding.Bad(name, $"harmless text: {harmless}", "see clamd's log");
            if (!eicar.EndsWith(" FOUND", StringComparison.Ordinal))
                return Finding.Bad(name, $"the EICAR test file: {eicar}", "its signatures are missing: run freshclam");
            return SignedAt(version) is { } signed && time.GetUtcNow() - signed > Stale
                ? Finding.Odd(name, $"{version}; finds EICAR, but its signatures are {(time.GetUtcNow() - signed).TotalDays:0} days old", "see whether freshclam runs and reaches its mirror")
                : Finding.Good(name, $"{version}; finds EICAR");
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return Finding.Bad(name, error.Message, "see whether clamd runs, and TCPSocket or LocalSocket in clamd.conf");
        }
    }

    /// <summary>ClamAV 1.4.3/27800/Sun Nov 22 08:24:11 2026: program, signatures, and when those were made.</summary>
    internal static DateTimeOffset? SignedAt(string version) =>
        version.Split('/') is [_, _, var date] && DateTimeOffset.TryParseExact(
            date, "ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out DateTimeOffset at)
            ? at
            : null;

    private static async Task<string> AskAsync(string endpoint, string command, byte[]? content, CancellationToken stop)
    {
        using Socket socket = await ConnectAsync(endpoint, stop);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"z{command}\0"), stop);
        if (content is not null)
        {
            byte[] chunk = new byte[content.Length + 8];
            BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
            content.CopyTo(chunk, 4);
            await stream.WriteAsync(chunk, stop);
        }
        using var reader = new StreamReader(stream, Encoding.ASCII);
        string answer = (await reader.ReadToEndAsync(stop)).TrimEnd('\0', '\n');
        return answer.Length > 0 ? answer : throw new IOException("it closed the connection without an answer");
    }

    private static async Task<Socket> ConnectAsync(string endpoint, CancellationToken stop)
    {
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? address) || address.Scheme is not ("tcp" or "unix"))
            throw new IOException("an endpoint is tcp://host:3310 or unix:///path");
        bool local = address.Scheme == "unix";
        var socket = new Socket(local ? AddressFamily.Unix : AddressFamily.InterNetworkV6, SocketType.Stream, local ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (local)
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.AbsolutePath), stop);
                return socket;
            }
            socket.DualMode = true;
            await socket.ConnectAsync(address.Host, address.Port > 0 ? address.Port : DefaultPort, stop);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
