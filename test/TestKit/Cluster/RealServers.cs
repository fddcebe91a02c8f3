using MySqlConnector;
using ShitOps.TestKit.Clamd;
using ShitOps.TestKit.Databases;

namespace ShitOps.TestKit.Cluster;

/// <summary>Starts the servers that stand below and beside a cluster.</summary>
public static class RealServers
{
    /// <summary><c>mariadb</c> (the default) or <c>mysql</c>.</summary>
    public const string DatabaseVariable = "SHITOPS_DATABASE";

    /// <param name="folder">An empty folder for its files; null for one of its own. MariaDB only.</param>
    public static async Task<IDatabaseUnderTest> StartDatabaseAsync(bool durable = false, string? folder = null) => new DatabaseUnderTest(
        Environment.GetEnvironmentVariable(DatabaseVariable) == "mysql" ? await MySqlServer.StartNewAsync() : await MariaDbServer.StartNewAsync(durable, folder));

    /// <param name="temporaryDirectory">Where it unpacks what it scans; null for a folder of its own.</param>
    public static async Task<IClamdUnderTest> StartClamdAsync(string? temporaryDirectory = null) => new ClamdUnderTest(await ClamdServer.StartAsync(
        temporaryDirectory is null ? null : new Dictionary<string, string?> { ["TemporaryDirectory"] = temporaryDirectory }));

    private sealed class DatabaseUnderTest(SqlServer server) : IDatabaseUnderTest
    {
        public bool IsRunning => server.IsRunning;

        public string ConnectionString { get; } = server.NewDatabase();
        public string DataFolder => server.DataFolder;
        public int ProcessId => server.ProcessId;
        public string Output => server.Output;

        public async Task StartAsync()
        {
            if (!IsRunning)
                await server.StartAsync();
        }

        public Task StopAsync(int signal) => signal == Signals.Kill ? server.KillAsync() : server.StopAsync();

        public void Signal(int signal) => server.Signal(signal);

        public async Task<byte[]> DumpAsync()
        {
            var connection = new MySqlConnectionStringBuilder(ConnectionString);
            string file = Path.Combine(Path.GetTempPath(), $"shitops-dump-{Guid.NewGuid():N}.sql");
            try
            {
                await using ServerProcess dump = ServerProcess.Start("mariadb-dump", "mariadb-dump",
                [
                    "--no-defaults", "--host=127.0.0.1", $"--port={connection.Port}", $"--user={connection.UserID}", "--skip-ssl",
                    "--default-character-set=binary", "--single-transaction", $"--result-file={file}", connection.Database,
                ]);
                using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
                await dump.WaitForExitAsync(limit.Token);
                return dump.ExitCode == 0 ? await File.ReadAllBytesAsync(file) : throw new InvalidOperationException(dump.Output);
            }
            finally
            {
                File.Delete(file);
            }
        }

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }

    private sealed class ClamdUnderTest(ClamdServer server) : IClamdUnderTest
    {
        private bool _running = true;

        public int Port => server.Port;
        public int ProcessId => server.ProcessId;
        public string Output => server.Output;

        public async Task StartAsync()
        {
            if (_running)
                return;
            await server.RestartAsync();
            _running = true;
        }

        public async Task StopAsync(int signal)
        {
            _running = false;
            await (signal == Signals.Kill ? server.KillAsync() : server.StopAsync());
        }

        public void Signal(int signal)
        {
            if (signal == Signals.Stop)
                server.Freeze();
            else
                server.Resume();
        }

        public Task ReloadAsync(int version) => server.UpdateSignaturesAsync(version);

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
