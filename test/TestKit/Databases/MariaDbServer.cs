namespace ShitOps.TestKit.Databases;

/// <summary>Debian's MariaDB (package mariadb-server), started without any defaults file: its own defaults are latin1.</summary>
public sealed class MariaDbServer : SqlServer
{
    private readonly bool _durable;

    private MariaDbServer(bool durable, string? folder)
    {
        _durable = durable;
        DataFolder = folder ?? Folder.File("data");
    }

    public override string DataFolder { get; }

    /// <remarks>A folder of its own for temporary tables too: at its start a server clears such files of others away.</remarks>
    /// <param name="durable">Commits reach the disk before they are answered; needed only where the machine, not the process, is to fail, or is measured.</param>
    /// <param name="folder">For its data, empty; null for one of its own.</param>
    public static async Task<MariaDbServer> StartNewAsync(bool durable = false, string? folder = null)
    {
        var server = new MariaDbServer(durable, folder);
        try
        {
            Directory.CreateDirectory(server.Folder.File("tmp"));
            await RunAsync("mariadb-install-db", "--no-defaults", $"--datadir={server.DataFolder}", $"--user={Environment.UserName}",
                $"--tmpdir={server.Folder.File("tmp")}", "--auth-root-authentication-method=normal", "--skip-test-db");
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    protected override (string File, string[] Arguments) Server() => ("mariadbd",
    [
        "--no-defaults", $"--datadir={DataFolder}", $"--tmpdir={Folder.File("tmp")}", $"--user={Environment.UserName}", "--bind-address=127.0.0.1", $"--port={Port}",
        $"--socket={Folder.File("s")}", $"--pid-file={Folder.File("pid")}", "--max-connections=300",
        .. _durable ? ["--innodb-buffer-pool-size=1G"] : new[] { "--innodb-buffer-pool-size=128M", "--innodb-flush-log-at-trx-commit=2", "--sync-binlog=0" },
    ]);
}
