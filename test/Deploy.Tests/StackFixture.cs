using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MySqlConnector;
using ShitOps.TestKit.Clamd;
using ShitOps.TestKit.Databases;
using ShitOps.TestKit.Elastic;

namespace ShitOps.Deploy.Tests;

/// <summary>
/// Silo, gateway and proxy with the command lines, variables and secrets of compose.yaml and the Dockerfile: published
/// programs, MariaDB, clamd and a server that answers as Elasticsearch does in the servers' place. Only what containers give is put in
/// otherwise: host names and ports, and the folder of secrets.
/// </summary>
public sealed class StackFixture(ComposeFile compose) : IAsyncLifetime
{
    private const string Dockerfile = "deploy/docker/Dockerfile";
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, int> _ports = new()
    {
        ["silo"] = Loopback.FreePort(),
        ["gateway"] = Loopback.FreePort(),
        ["proxy"] = Loopback.FreePort(),
        ["dashboard"] = Loopback.FreePort(),
    };
    private readonly Dictionary<string, ServerProcess> _processes = [];
    private readonly StringBuilder _earlier = new();
    private readonly Owned _servers = new();
    private MariaDbServer _database = null!;
    private ClamdServer _clamd = null!;
    private ElasticServer _elastic = null!;
    private HttpClient? _http, _dashboard;

    public ComposeFile Compose => compose;
    public Uri Proxy => new($"https://127.0.0.1:{_ports["proxy"]}");
    public string Output => _earlier + string.Join('\n', _processes.Values.Select(p => p.Output));

    public Uri Address(string service) => new($"http://127.0.0.1:{_ports[service]}");
    public ElasticServer Elastic => _elastic;
    public string Secret(string file) => File.ReadAllText(SecretFile(file)).Trim();
    public ApiClient Dashboard => new(_dashboard!, key: null);
    public ApiClient Client(string key) => new(_http!, key);

    public async ValueTask InitializeAsync()
    {
        await Tool.RunAsync("bash", "deploy/setup/secrets.sh", _folder.File("secrets"));
        Task<MariaDbServer> database = MariaDbServer.StartNewAsync();
        Task<ClamdServer> clamd = ClamdServer.StartAsync();
        _database = _servers.Add(await database);
        await MakeDatabaseAsync();
        foreach (string program in new[] { "silo", "gateway" })
            RewriteConnection(program);
        _clamd = _servers.Add(await clamd);
        _elastic = _servers.Add(await ElasticServer.StartNewAsync(new()
        {
            Certificate = (SecretFile("elasticsearch/http.crt"), SecretFile("elasticsearch/http.key")),
            User = (ComposeFile.Environment(compose.Service("silo"))["Elastic__Username"], Secret("silo/Elastic__Password")),
        }));
        await Task.WhenAll(StartProgramAsync("silo"), StartProgramAsync("gateway"));
        await StartProxiesAsync();
    }

    /// <summary>Its exit code after SIGTERM; it runs again afterwards.</summary>
    public async Task<int> StopAndStartAsync(string service, TimeSpan grace)
    {
        await using ServerProcess process = _processes[service];
        process.Signal(Signals.Terminate);
        using var limit = new CancellationTokenSource(grace);
        await process.WaitForExitAsync(limit.Token);
        int exitCode = process.ExitCode;
        _earlier.AppendLine(process.Output);
        await StartProgramAsync(service);
        return exitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        _dashboard?.Dispose();
        foreach (string service in (string[])["dashboard", "proxy", "gateway", "silo"])
        {
            if (_processes.TryGetValue(service, out ServerProcess? process))
                await process.DisposeAsync();
        }
        await _servers.DisposeAsync();
        _folder.Dispose();
    }

    private string SecretFile(string file) => Path.Combine(_folder.File("secrets"), file);

    /// <summary>A connection as that program has it.</summary>
    public Task<MySqlConnection> ConnectAsync(string program) => OpenAsync(Secret($"{program}/ConnectionStrings__ShitOps"));

    /// <summary>As the server's owner, in the database of the stack.</summary>
    public Task<MySqlConnection> ConnectAsRootAsync() => OpenAsync($"{_database.ConnectionString};Database=shitops");

    private static async Task<MySqlConnection> OpenAsync(string connectionString)
    {
        var connection = new MySqlConnection(connectionString + ";Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>What the image of MySQL does at its first start: the database, then what deploy/mysql/users.sh reads.</summary>
    private async Task MakeDatabaseAsync()
    {
        Dictionary<string, string> told = ComposeFile.Environment(compose.Service("mysql"));
        await using var connection = new MySqlConnection(_database.ConnectionString);
        await connection.OpenAsync();
        Assert.Contains("/run/secrets/users.sql", Tool.Read("deploy/mysql/users.sh"), StringComparison.Ordinal);
        Assert.Contains(ComposeFile.Texts(compose.Service("mysql"), "volumes"), v => v.Contains("/docker-entrypoint-initdb.d/users.sh", StringComparison.Ordinal));
        await using var command = new MySqlCommand($"CREATE DATABASE {told["MYSQL_DATABASE"]}; {Secret("mysql/users.sql")}", connection);
        await command.ExecuteNonQueryAsync();
    }

    private void RewriteConnection(string program)
    {
        string file = SecretFile($"{program}/ConnectionStrings__ShitOps");
        string text = File.ReadAllText(file);
        Assert.Contains("Server=mysql;", text, StringComparison.Ordinal);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(file, text.Replace("Server=mysql;", $"Server=127.0.0.1;Port={_database.Port};", StringComparison.Ordinal));
    }

    private async Task StartProgramAsync(string service)
    {
        JsonElement described = compose.Service(service);
        string program = described.GetProperty("build").GetProperty("args").GetProperty("PROGRAM").GetString()!;
        // As the Dockerfile's last line of the build, from what was built with the tests.
        string app = _folder.File(program);
        if (!Directory.Exists(app))
            await Tool.RunAsync("dotnet", "publish", $"src/{program}", "--configuration", Tool.Configuration, "--no-build", "--nologo", "--output", app);
        Dictionary<string, string?> environment = ImageEnvironment(program);
        foreach ((string name, string value) in ComposeFile.Environment(described))
            environment[name] = Here(service, value);
        environment["Cluster__AdvertisedAddress"] = "127.0.0.1";
        environment["Cluster__SiloPort"] = Text(Loopback.FreePort());
        environment["Cluster__GatewayPort"] = Text(Loopback.FreePort());
        string[] entry = JsonSerializer.Deserialize<string[]>(DockerfileTests.LastStage(Dockerfile).Single(l => l.Word == "ENTRYPOINT").Text)!;
        ServerProcess process = ServerProcess.Start(service, entry[0], entry[1..], environment, app);
        lock (_processes)
            _processes[service] = process;
        using HttpClient http = ApiClient.Connect(Address(service));
        var client = new ApiClient(http, key: null);
        await process.UntilAsync(async _ => (await client.ReadyAsync()).Status == 200, TimeSpan.FromSeconds(120));
    }

    private static Dictionary<string, string?> ImageEnvironment(string program) => DockerfileTests.LastStage(Dockerfile).Where(l => l.Word == "ENV")
        .SelectMany(l => l.Text.Split(' ')).Select(pair => pair.Split('=', 2))
        .ToDictionary(pair => pair[0], string? (pair) => pair[1].Replace("$PROGRAM", program, StringComparison.Ordinal));

    private string Here(string service, string value) => value
        .Replace("/run/secrets", SecretFile(service), StringComparison.Ordinal)
        .Replace(compose["networks"].GetProperty("front").GetProperty("ipam").GetProperty("config")[0].GetProperty("subnet").GetString()!, "127.0.0.1/32", StringComparison.Ordinal)
        .Replace("http://0.0.0.0:8080", Address(service).ToString().TrimEnd('/'), StringComparison.Ordinal)
        .Replace("clamav:3310", $"127.0.0.1:{_clamd.Port}", StringComparison.Ordinal)
        .Replace("elasticsearch:9200", _elastic.Url.Authority, StringComparison.Ordinal);

    private async Task StartProxiesAsync()
    {
        await StartProxyAsync("proxy", new()
        {
            ["gateway:8080 resolve"] = Address("gateway").Authority,
            ["kibana:5601 resolve"] = $"127.0.0.1:{Loopback.FreePort()}",
            ["8443"] = $"127.0.0.1:{_ports["proxy"]}",
            ["5601"] = $"127.0.0.1:{Loopback.FreePort()}",
        });
        await StartProxyAsync("dashboard", new() { ["silo:8080 resolve"] = Address("silo").Authority, ["8444"] = $"127.0.0.1:{_ports["dashboard"]}" });
        _http = Trusting(Proxy);
        _dashboard = Trusting(new($"https://127.0.0.1:{_ports["dashboard"]}"));
    }

    /// <summary>nginx with the file that its image makes of the template, and about the frame that the image has around it.</summary>
    /// <param name="here">What stands here for a variable's value.</param>
    private async Task StartProxyAsync(string service, Dictionary<string, string> here)
    {
        Dictionary<string, string> variables = ComposeFile.Environment(compose.Service(service))
            .ToDictionary(v => v.Key, v => here.GetValueOrDefault(v.Value, v.Value));
        variables["RESOLVER"] = "127.0.0.1";
        variables["SECRETS"] = SecretFile("proxy");
        string site = Regex.Replace(Tool.Read($"deploy/{service}/shitops.conf.template"), @"\$\{(\w+)\}", m => variables[m.Groups[1].Value]);
        string folder = Directory.CreateDirectory(_folder.File("nginx-" + service)).FullName, file = Path.Combine(folder, "nginx.conf");
        string temporary = string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(k => $"{k}_temp_path {folder}/{k};"));
        string user = Environment.UserName == "root" ? "user root;" : "";
        await File.WriteAllTextAsync(file, $"{user} pid {folder}/nginx.pid; error_log stderr; worker_processes 1; events {{ }} http {{ access_log off; {temporary}\n{site}\n}}");
        ServerProcess process = ServerProcess.Start(service, "/usr/sbin/nginx", ["-c", file, "-p", folder, "-g", "daemon off;"]);
        _processes[service] = process;
        await process.UntilAsync(stop => Loopback.AcceptsAsync(_ports[service], stop));
    }

    /// <summary>Calls the proxy from that address of this machine.</summary>
    public HttpClient From(IPAddress address) => Trusting(Proxy, async (context, stop) =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, 0));
            await socket.ConnectAsync(context.DnsEndPoint, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    });

    /// <summary>Believes our authority, and nobody else.</summary>
    private HttpClient Trusting(Uri address, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(SecretFile("proxy/ca.crt")));
        var ssl = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        return new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, SslOptions = ssl, ConnectCallback = connect }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
