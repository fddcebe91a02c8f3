using System.Globalization;

namespace ShitOps.Bench.Peers;

/// <summary>
/// Debian's RabbitMQ (package rabbitmq-server) on loopback, on free ports, with everything it writes in a folder of its
/// own. Its settings are the package's; durable as they are.
/// </summary>
internal sealed class RabbitServer : IAsyncDisposable
{
    // Not the one in the path, which is for the service: it wants to be the user rabbitmq.
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    private readonly TempFolder _folder = new();
    private readonly ServerProcess _names;
    private readonly ServerProcess _broker;

    private RabbitServer()
    {
        int namesPort = Loopback.FreePort();
        // Erlang's port mapper outlives whoever starts it as a daemon; here it is a process of ours, and ends with us.
        _names = ServerProcess.Start("epmd", "epmd", ["-port", Text(namesPort), "-address", "127.0.0.1"]);
        File.WriteAllText(_folder.File("rabbitmq.conf"), $"listeners.tcp.1 = 127.0.0.1:{Port}\nlog.file = false\nlog.console = true\nlog.console.level = warning\n");
        File.WriteAllText(_folder.File("environment.conf"), "");
        File.WriteAllText(_folder.File("plugins"), "[].\n");
        _broker = ServerProcess.Start("rabbitmq", Program, [], new Dictionary<string, string?>
        {
            ["HOME"] = _folder.Path,
            ["ERL_EPMD_PORT"] = Text(namesPort),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = "bench@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = Text(Port),
            ["RABBITMQ_DIST_PORT"] = Text(Loopback.FreePort()),
            ["RABBITMQ_CONF_ENV_FILE"] = _folder.File("environment.conf"),
            ["RABBITMQ_CONFIG_FILE"] = _folder.File("rabbitmq"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _folder.File("plugins"),
            ["RABBITMQ_MNESIA_BASE"] = _folder.File("mnesia"),
            ["RABBITMQ_LOG_BASE"] = _folder.File("log"),
            // The script becomes the broker instead of waiting for it: its id is ours to measure and to end.
            ["RUNNING_UNDER_SYSTEMD"] = "1",
            ["NOTIFY_SOCKET"] = null,
        }, _folder.Path);
    }

    public int Port { get; } = Loopback.FreePort();

    public int ProcessId => _broker.Id;

    public static async Task<RabbitServer> StartAsync()
    {
        if (!File.Exists(Program))
            throw new FileNotFoundException("RabbitMQ is not installed (Debian: rabbitmq-server)", Program);
        var server = new RabbitServer();
        try
        {
            await server._broker.UntilAsync(stop => Loopback.AcceptsAsync(server.Port, stop), TimeSpan.FromMinutes(5));
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _names.DisposeAsync();
        _folder.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
