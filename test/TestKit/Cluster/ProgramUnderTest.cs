using System.Text;
using ShitOps.TestKit.Api;

namespace ShitOps.TestKit.Cluster;

/// <summary>One of the project's programs as a process: started, signalled and started again with the same settings.</summary>
public sealed class ProgramUnderTest : IAsyncDisposable
{
    private readonly string _dll, _folder;
    private readonly IReadOnlyList<string> _arguments;
    private readonly IReadOnlyDictionary<string, string?> _environment;
    private readonly StringBuilder _earlier = new();
    private readonly Lock _starting = new();
    private ServerProcess? _process;

    /// <param name="project">Silo, Gateway or Standalone.</param>
    /// <param name="address">Where its HTTP is; null for a program that is expected to refuse to start.</param>
    public ProgramUnderTest(
        string name, string project, Uri? address, string folder, IReadOnlyDictionary<string, string?> environment, params IReadOnlyList<string> arguments)
    {
        Name = name;
        Address = address;
        _dll = BuiltPrograms.Find(project);
        _folder = folder;
        _arguments = arguments;
        // Nothing of the machine's own settings may leak in.
        _environment = new Dictionary<string, string?>(environment)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["DOTNET_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = address?.ToString().TrimEnd('/') ?? $"http://127.0.0.1:{Loopback.FreePort()}",
            ["DOTNET_gcServer"] = "0",
            ["http_proxy"] = null,
            ["HTTP_PROXY"] = null,
        };
    }

    public string Name { get; }
    public Uri? Address { get; }
    public bool IsRunning => _process is { HasExited: false };
    public int ProcessId => Process.Id;
    public int ExitCode => _process?.ExitCode ?? throw new InvalidOperationException($"{Name} was not started");

    /// <summary>Everything it wrote, of earlier lives too.</summary>
    public string Output => _earlier + _process?.Output;

    public void Start()
    {
        // Two at once would start it twice, and one of them would be nobody's.
        lock (_starting)
        {
            if (IsRunning)
                return;
            if (_process is not null)
                _earlier.AppendLine(_process.Output);
            _process = ServerProcess.Start(Name, "dotnet", [_dll, .. _arguments], _environment, _folder);
        }
    }

    public async Task UntilReadyAsync(TimeSpan? limit = null)
    {
        using HttpClient http = ApiClient.Connect(Address ?? throw new InvalidOperationException($"{Name} has no address"));
        http.Timeout = TimeSpan.FromSeconds(5);
        var client = new ApiClient(http, key: null);
        await Process.UntilAsync(async _ => (await client.ReadyAsync()).Status == 200, limit);
    }

    public async Task RestartAsync(TimeSpan? limit = null)
    {
        Start();
        await UntilReadyAsync(limit);
    }

    public void Signal(int signal) => Process.Signal(signal);

    /// <summary>Ends it; 9 kills it where it stands.</summary>
    public Task StopAsync(int signal = Signals.Terminate) => _process is null ? Task.CompletedTask : _process.StopAsync(signal);

    /// <summary>Waits until it has ended by itself.</summary>
    public Task UntilExitAsync(TimeSpan limit) =>
        Eventually.UntilAsync(() => Task.FromResult(Process.HasExited), limit, $"{Name} ends by itself; it wrote:\n{Output}");

    public string Tail(int lines = 60) => $"---- {Name} ({(IsRunning ? "running" : "ended")})\n" + string.Join('\n', Output.Split('\n').Where(line => !line.StartsWith("   at ", StringComparison.Ordinal)).TakeLast(lines));

    private ServerProcess Process => _process ?? throw new InvalidOperationException($"{Name} was not started");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }
}
