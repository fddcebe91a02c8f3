using System.Runtime.CompilerServices;

namespace ShitOps.TestKit.Databases;

/// <summary>
/// A real MySQL from Debian sid's packages, unpacked into a cache folder by <c>test/mysql-server.sh</c> and run with its
/// own libraries. Tests on it carry the trait <c>server=mysql</c>, by which a run may leave them out.
/// </summary>
public sealed class MySqlServer : SqlServer
{
    private readonly string _root;

    private MySqlServer(string root) => _root = root;

    public static async Task<MySqlServer> StartNewAsync()
    {
        string root = Path.Combine(
            Environment.GetEnvironmentVariable("SHITOPS_CACHE") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "shitops-mysql");
        var server = new MySqlServer(root);
        try
        {
            await RunAsync("bash", Script(), root);
            (string file, string[] arguments) = server.Server();
            await RunAsync(file, [.. arguments, "--initialize-insecure"]);
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private static string Script([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "mysql-server.sh"));

    protected override (string File, string[] Arguments) Server()
    {
        string usr = Path.Combine(_root, "usr");
        return (Path.Combine(usr, "lib64", "ld-linux-x86-64.so.2"),
        [
            "--inhibit-cache", "--library-path", Path.Combine(usr, "lib", "x86_64-linux-gnu"), Path.Combine(usr, "sbin", "mysqld"),
            "--no-defaults", $"--basedir={usr}", $"--datadir={Folder.File("data")}", $"--lc-messages-dir={usr}/share/mysql",
            $"--character-sets-dir={usr}/share/mysql/charsets", $"--plugin-dir={usr}/lib/mysql/plugin", "--secure-file-priv=NULL",
            $"--user={Environment.UserName}", "--bind-address=127.0.0.1", $"--port={Port}", "--mysqlx=OFF", $"--socket={Folder.File("s")}",
            $"--pid-file={Folder.File("pid")}", "--innodb-buffer-pool-size=128M", "--max-connections=300",
            "--innodb-flush-log-at-trx-commit=2", "--disable-log-bin",
        ]);
    }
}
