using MySqlConnector;

namespace ShitOps.TestKit.Databases;

/// <summary>What MariaDB's and MySQL's servers have in common.</summary>
public abstract class SqlServer : IDatabaseServer
{
    private static int _databases;
    private ServerProcess? _process;
    private string _earlier = "";

    protected TempFolder Folder { get; } = new();

    public int Port { get; } = Loopback.FreePort();

    /// <summary>Where the server keeps its files.</summary>
    public virtual string DataFolder => Folder.File("data");

    /// <summary>What it wrote, in earlier lives too.</summary>
    public string Output => _earlier + _process?.Output;

    public bool IsRunning => _process is { HasExited: false };

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("it was not started");

    public string ConnectionString => $"Server=127.0.0.1;Port={Port};User ID=root;AllowPublicKeyRetrieval=True";

    public string NewDatabase() => $"{ConnectionString};Database=shitops_{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}";

    protected abstract (string File, string[] Arguments) Server();

    public async Task StartAsync()
    {
        (string file, string[] arguments) = Server();
        _earlier = Output;
        _process = ServerProcess.Start(GetType().Name, file, arguments, folder: Folder.Path);
        await _process.UntilAsync(AnswersAsync, TimeSpan.FromSeconds(120));
    }

    private async Task<bool> AnswersAsync(CancellationToken stop)
    {
        try
        {
            await using var connection = new MySqlConnection(ConnectionString + ";Pooling=False;ConnectionTimeout=5");
            await connection.OpenAsync(stop);
            return true;
        }
        catch (MySqlException)
        {
            return false;
        }
    }

    public Task StopAsync() => _process?.StopAsync() ?? Task.CompletedTask;

    public void Signal(int signal) => _process?.Signal(signal);

    public Task KillAsync() => _process?.StopAsync(9) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs a program to its end; fails with its output.</summary>
    protected static async Task RunAsync(string file, params string[] arguments)
    {
        await using ServerProcess program = ServerProcess.Start(Path.GetFileName(file), file, arguments);
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        await program.WaitForExitAsync(timeout.Token);
        if (program.ExitCode != 0)
            throw new InvalidOperationException($"{file} ended with {program.ExitCode}:\n{program.Output}");
    }
}
