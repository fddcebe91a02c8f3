using System.Globalization;
using ShitOps.TestKit.Api;

namespace ShitOps.TestKit.Cluster;

/// <summary>Everything in one process on SQLite, in a folder that survives its restarts.</summary>
public sealed class StandaloneProcess : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly HttpClient _http;

    private StandaloneProcess(bool demo, IClamdUnderTest? clamd, Dictionary<string, string>? more)
    {
        var address = new Uri($"http://127.0.0.1:{Loopback.FreePort()}");
        var settings = new Dictionary<string, string?>
        {
            ["Data__Path"] = DataPath,
            ["Cluster__SiloPort"] = Loopback.FreePort().ToString(CultureInfo.InvariantCulture),
            ["Cluster__GatewayPort"] = Loopback.FreePort().ToString(CultureInfo.InvariantCulture),
            ["SHITOPS_OPERATOR_KEY"] = OperatorKey,
            ["SHITOPS_SECURITY_KEY"] = SecurityKey,
        };
        if (clamd is not null)
            settings["Antivirus__Endpoints__0"] = $"tcp://127.0.0.1:{clamd.Port}";
        foreach ((string key, string value) in more ?? [])
            settings[key] = value;
        Program = new("standalone", "Standalone", address, _folder.Path, settings, demo ? ["--demo"] : []);
        _http = ApiClient.Connect(address);
    }

    public ProgramUnderTest Program { get; }
    public string DataPath => _folder.File("data");
    public string OperatorKey { get; } = "operator-" + Guid.NewGuid().ToString("N");
    public string SecurityKey { get; } = "security-" + Guid.NewGuid().ToString("N");
    public ApiClient Operator => new(_http, OperatorKey, "operator");
    public ApiClient Security => new(_http, SecurityKey, "security");

    /// <param name="clamd">Null: the built-in scanner.</param>
    /// <param name="more">Further settings, as environment variables.</param>
    /// <param name="limit">How long the start may take; null: as long as in any test.</param>
    public static async Task<StandaloneProcess> StartAsync(
        bool demo = false, IClamdUnderTest? clamd = null, Dictionary<string, string>? more = null, TimeSpan? limit = null)
    {
        var standalone = new StandaloneProcess(demo, clamd, more);
        try
        {
            await standalone.Program.RestartAsync(limit);
            return standalone;
        }
        catch
        {
            await standalone.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Program.DisposeAsync();
        _folder.Dispose();
    }
}
