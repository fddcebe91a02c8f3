using System.Globalization;
using System.Security.Cryptography;
using MySqlConnector;
using ShitOps.TestKit.Api;
using ShitOps.TestKit.Databases;

namespace ShitOps.TestKit.Cluster;

/// <summary>
/// The whole system as processes on loopback: a database server, clamd, silos and gateways, on free ports and in a
/// folder of their own. Each can be killed, stopped, frozen and started again.
/// </summary>
public sealed class ShitOpsCluster : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<HttpClient> _connections = [];
    private readonly List<int> _siloPorts = [];

    private ShitOpsCluster(ClusterOptions options, IDatabaseUnderTest database, IClamdUnderTest clamd)
    {
        Database = database;
        Clamd = clamd;
        string keyFile = _folder.File("sealing.key");
        File.WriteAllText(keyFile, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        string cluster = "test-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        var common = new Dictionary<string, string?>
        {
            ["ConnectionStrings__ShitOps"] = database.ConnectionString,
            ["Cluster__Id"] = cluster,
            ["Sealing__KeyFile"] = keyFile,
        };
        if (options.Proxied)
        {
            int port = (int)new MySqlConnectionStringBuilder(database.ConnectionString).Port;
            DatabaseProxies = [.. Enumerable.Range(0, options.Silos).Select(_ => new TcpProxy(port))];
            ScannerProxies = [.. Enumerable.Range(0, options.Silos).Select(_ => new TcpProxy(clamd.Port))];
        }
        Silos = [.. Enumerable.Range(1, options.Silos).Select(n => NewSilo(n, Merge(Merge(common, options.SiloSettings), options.SettingsOfSilo?.Invoke(n) ?? new Dictionary<string, string?>())))];
        Gateways = [.. Enumerable.Range(1, options.Gateways).Select(n => NewGateway(n, Merge(common, options.GatewaySettings)))];
    }

    public IDatabaseUnderTest Database { get; }
    public IClamdUnderTest Clamd { get; }
    public IReadOnlyList<ProgramUnderTest> Silos { get; }
    public IReadOnlyList<ProgramUnderTest> Gateways { get; }
    /// <summary>One a silo, if the cluster was asked to be proxied; else none.</summary>
    public IReadOnlyList<TcpProxy> DatabaseProxies { get; } = [];
    public IReadOnlyList<TcpProxy> ScannerProxies { get; } = [];
    /// <summary>Where silos are reached by each other.</summary>
    public IReadOnlyList<int> SiloPorts => _siloPorts;
    public string OperatorKey { get; } = NewKey();
    public string SecurityKey { get; } = NewKey();

    public ApiClient Anonymous => Client(null);
    public ApiClient Operator => Client(OperatorKey, "operator");
    public ApiClient Security => Client(SecurityKey, "security");

    /// <summary>Starts everything and waits until it is ready.</summary>
    public static async Task<ShitOpsCluster> StartAsync(ClusterOptions? options = null)
    {
        options ??= new();
        Task<IDatabaseUnderTest> database = RealServers.StartDatabaseAsync(options.Durable, options.DatabaseFolder);
        Task<IClamdUnderTest> clamd = Task.Run(() => RealServers.StartClamdAsync(options.ClamdTemporaryDirectory));
        ShitOpsCluster cluster;
        try
        {
            cluster = new ShitOpsCluster(options, await database, await clamd);
        }
        catch
        {
            await EndAsync(database);
            await EndAsync(clamd);
            throw;
        }
        try
        {
            // Silos at once: the first start of the schema is theirs to sort out.
            await StartProgramsAsync(cluster.Silos, options.StartLimit);
            await StartProgramsAsync(cluster.Gateways, options.StartLimit);
            return cluster;
        }
        catch (Exception error)
        {
            string logs = cluster.Tails();
            await cluster.DisposeAsync();
            throw new InvalidOperationException($"The cluster did not start: {error.Message}\n{logs}", error);
        }
    }

    /// <summary>What did not start need not end.</summary>
    private static async Task EndAsync<T>(Task<T> started) where T : IAsyncDisposable
    {
        await ((Task)started).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (started.IsCompletedSuccessfully)
            await (await started).DisposeAsync();
    }

    public static async Task StartProgramsAsync(IEnumerable<ProgramUnderTest> programs, TimeSpan? limit = null)
    {
        ProgramUnderTest[] all = [.. programs];
        foreach (ProgramUnderTest program in all)
            program.Start();
        await Task.WhenAll(all.Select(p => p.UntilReadyAsync(limit)));
    }

    public ApiClient Client(string? key, string name = "", int gateway = 0)
    {
        lock (_connections)
        {
            while (_connections.Count < Gateways.Count)
                _connections.Add(ApiClient.Connect(Gateways[_connections.Count].Address!));
            return new(_connections[gateway], key, name);
        }
    }

    /// <summary>Starts again whatever does not run, and waits until all is ready and nothing is degraded.</summary>
    public async Task MendAsync(TimeSpan? limit = null)
    {
        Clamd.Signal(Signals.Continue);
        await Database.StartAsync();
        await Clamd.StartAsync();
        foreach (ProgramUnderTest program in Silos.Concat(Gateways).Where(p => p.IsRunning))
            program.Signal(Signals.Continue);
        await StartProgramsAsync(Silos, limit);
        await StartProgramsAsync(Gateways, limit);
        await Eventually.UntilAsync(
            Anonymous.ReadyAsync, ready => ready.Status == 200 && !ready.Text.Contains("degraded", StringComparison.OrdinalIgnoreCase),
            limit ?? TimeSpan.FromSeconds(60), "the mended cluster is ready, not degraded");
    }

    /// <summary>All that the programs wrote; for searching.</summary>
    public IEnumerable<(string Name, string Text)> Logs()
    {
        foreach (ProgramUnderTest program in Silos.Concat(Gateways))
            yield return (program.Name, program.Output);
        yield return ("database", Database.Output);
        yield return ("clamd", Clamd.Output);
    }

    public string Tails(int lines = 60) =>
        string.Join('\n', Silos.Concat(Gateways).Select(p => p.Tail(lines)).Append($"---- clamd\n{Last(Clamd.Output)}").Append($"---- database\n{Last(Database.Output)}"));

    public async ValueTask DisposeAsync()
    {
        foreach (HttpClient connection in _connections)
            connection.Dispose();
        await Task.WhenAll(Gateways.Select(p => p.DisposeAsync().AsTask()));
        await Task.WhenAll(Silos.Select(p => p.DisposeAsync().AsTask()));
        foreach (TcpProxy proxy in DatabaseProxies.Concat(ScannerProxies))
            await proxy.DisposeAsync();
        await Clamd.DisposeAsync();
        await Database.DisposeAsync();
        _folder.Dispose();
    }

    private ProgramUnderTest NewSilo(int number, Dictionary<string, string?> settings)
    {
        _siloPorts.Add(Loopback.FreePort());
        settings["Cluster__SiloPort"] = _siloPorts[^1].ToString(CultureInfo.InvariantCulture);
        settings["Cluster__GatewayPort"] = Port();
        settings["Cluster__AdvertisedAddress"] = "127.0.0.1";
        int scanner = Clamd.Port;
        if (DatabaseProxies.Count > 0)
        {
            settings["ConnectionStrings__ShitOps"] =
                new MySqlConnectionStringBuilder(Database.ConnectionString) { Port = (uint)DatabaseProxies[number - 1].Port }.ConnectionString;
            scanner = ScannerProxies[number - 1].Port;
        }
        settings["Antivirus__Endpoints__0"] = $"tcp://127.0.0.1:{scanner}";
        return new($"silo-{number}", "Silo", Address(), _folder.Path, settings);
    }

    private ProgramUnderTest NewGateway(int number, Dictionary<string, string?> settings)
    {
        settings["SHITOPS_OPERATOR_KEY"] = OperatorKey;
        settings["SHITOPS_SECURITY_KEY"] = SecurityKey;
        return new($"gateway-{number}", "Gateway", Address(), _folder.Path, settings);
    }

    private static Dictionary<string, string?> Merge(Dictionary<string, string?> common, IReadOnlyDictionary<string, string?> further)
    {
        var all = new Dictionary<string, string?>(common);
        foreach ((string key, string? value) in further)
            all[key] = value;
        return all;
    }

    private static string NewKey() => "key-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
    private static Uri Address() => new($"http://127.0.0.1:{Loopback.FreePort()}");
    private static string Port() => Loopback.FreePort().ToString(CultureInfo.InvariantCulture);
    private static string Last(string text) => string.Join('\n', text.Split('\n').TakeLast(20));
}
