using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ShitOps.TestKit.Clamd;

/// <summary>
/// A real clamd with the settings of deploy/clamav/clamd.conf, on a free port and a socket of its own, with signatures
/// written here: EICAR's, and what a test adds.
/// </summary>
public sealed class ClamdServer : IAsyncDisposable
{
    private const int FirstVersion = 27_000;
    private readonly TempFolder _folder = new();
    private readonly string _program;
    private ServerProcess? _process;

    private ClamdServer(string program) => _program = program;

    public int Port { get; } = Loopback.FreePort();

    public string SocketPath => _folder.File("clamd.sock");

    /// <summary>As <c>Antivirus:Endpoints</c> takes it.</summary>
    public string TcpEndpoint => $"tcp://127.0.0.1:{Port}";

    public string UnixEndpoint => $"unix://{SocketPath}";

    public string Output => _process?.Output ?? "";

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("it was not started");

    /// <param name="change">Other values for settings of clamd.conf; null leaves a setting out.</param>
    public static async Task<ClamdServer> StartAsync(IReadOnlyDictionary<string, string?>? change = null)
    {
        string program = new[] { "/usr/sbin/clamd", "/usr/bin/clamd", "/usr/local/sbin/clamd" }.FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException("clamd is not installed (Debian: clamav-daemon)");
        var server = new ClamdServer(program);
        try
        {
            Directory.CreateDirectory(server._folder.File("db"));
            Directory.CreateDirectory(server._folder.File("tmp"));
            ClamdSignatures.Write(server._folder.File("db"), FirstVersion, TimeProvider.System.GetUtcNow(), []);
            await File.WriteAllLinesAsync(server._folder.File("clamd.conf"), server.Settings(change ?? new Dictionary<string, string?>()));
            await server.RestartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private IEnumerable<string> Settings(IReadOnlyDictionary<string, string?> change)
    {
        var settings = File.ReadLines(Repository.File("deploy/clamav/clamd.conf"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ', 2))
            .ToDictionary(pair => pair[0], pair => (string?)pair[1]);
        settings["TCPSocket"] = Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        settings["TCPAddr"] = "127.0.0.1";
        settings["LocalSocket"] = SocketPath;
        settings["DatabaseDirectory"] = _folder.File("db");
        settings["TemporaryDirectory"] = _folder.File("tmp");
        foreach ((string key, string? value) in change)
            settings[key] = value;
        return settings.Where(pair => pair.Value is not null).Select(pair => $"{pair.Key} {pair.Value}");
    }

    /// <summary>Starts it, again on the same port, and waits until it answers.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        _process = ServerProcess.Start("clamd", _program, [$"--config-file={_folder.File("clamd.conf")}"]);
        await _process.UntilAsync(async stop => await AskAsync("VERSION", stop) is not null);
    }

    public Task StopAsync() => EndAsync(15);

    /// <summary>SIGKILL: no farewell.</summary>
    public Task KillAsync() => EndAsync(9);

    private async Task EndAsync(int signal)
    {
        if (_process is null)
            return;
        _process.Signal(18);
        await _process.StopAsync(signal);
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>SIGSTOP: connections are taken, nothing is answered.</summary>
    public void Freeze() => _process?.Signal(19);

    public void Resume() => _process?.Signal(18);

    /// <summary>Other signatures under another version, loaded when this returns. EICAR's stays.</summary>
    /// <param name="version">Above 27,000, where it starts.</param>
    public Task UpdateSignaturesAsync(int version, params (string Name, byte[] Pattern)[] patterns) =>
        UpdateSignaturesAsync(version, TimeProvider.System.GetUtcNow(), patterns);

    public async Task UpdateSignaturesAsync(int version, DateTimeOffset madeAt, params (string Name, byte[] Pattern)[] patterns)
    {
        ClamdSignatures.Write(_folder.File("db"), version, madeAt, patterns);
        await AskAsync("RELOAD", CancellationToken.None);
        await _process!.UntilAsync(async stop => await AskAsync("VERSION", stop) is { } answer && answer.Contains($"/{version}/", StringComparison.Ordinal));
    }

    /// <summary>One command on a connection of its own; null if there is no answer.</summary>
    private async Task<string?> AskAsync(string command, CancellationToken stop)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port, stop);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"z{command}\0"), stop);
            using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            return await reader.ReadToEndAsync(stop) is { Length: > 0 } answer ? answer.TrimEnd('\0') : null;
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }
}
