using System.Runtime.Versioning;
using System.Text.Json;

[assembly: SupportedOSPlatform("linux")]
[assembly: AssemblyFixture(typeof(ShitOps.Deploy.Tests.ComposeFile))]

namespace ShitOps.Deploy.Tests;

/// <summary>compose.yaml as Debian's docker-compose reads it without an .env: defaults in place, profiles included.</summary>
public sealed class ComposeFile : IAsyncLifetime
{
    /// <summary>Made for one thing, after which they end.</summary>
    public static readonly string[] Once = ["setup", "elastic-setup", "kibana-import"];

    private JsonElement _root;

    public JsonElement this[string section] => _root.GetProperty(section);

    public IEnumerable<(string Name, JsonElement Service)> Services => this["services"].EnumerateObject().Select(s => (s.Name, s.Value));

    public IEnumerable<(string Name, JsonElement Service)> Staying => Services.Where(s => !Once.Contains(s.Name));

    public JsonElement Service(string name) => this["services"].GetProperty(name);

    public static string[] Texts(JsonElement service, string key) => !service.TryGetProperty(key, out JsonElement value) ? []
        : value.ValueKind == JsonValueKind.Object ? [.. value.EnumerateObject().Select(p => p.Name)]
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(v => v.ToString())]
        : [value.ToString()];

    public static string Text(JsonElement service, string key) => service.TryGetProperty(key, out JsonElement value) ? value.ToString() : "";

    /// <summary>Variables of a service; docker-compose has doubled each dollar.</summary>
    public static Dictionary<string, string> Environment(JsonElement service) => !service.TryGetProperty("environment", out JsonElement all) ? []
        : all.EnumerateObject().ToDictionary(v => v.Name, v => v.Value.ToString().Replace("$$", "$", StringComparison.Ordinal));

    public async ValueTask InitializeAsync()
    {
        using var folder = new TempFolder();
        string none = folder.File("none.env");
        await File.WriteAllTextAsync(none, "");
        string yaml = folder.File("config.yaml");
        await File.WriteAllTextAsync(yaml, await Tool.RunAsync("docker-compose", "--env-file", none, "--profile", "telemetry", "--profile", "dashboard", "--file", "compose.yaml", "config"));
        _root = JsonDocument.Parse(await Tool.PythonAsync("import json,sys,yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))", yaml)).RootElement;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
