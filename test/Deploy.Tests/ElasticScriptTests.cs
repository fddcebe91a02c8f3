using System.Text.Json;

namespace ShitOps.Deploy.Tests;

/// <summary>The one-shots beside Elasticsearch and Kibana: what they ask, and when they say that it went wrong.</summary>
public sealed class ElasticScriptTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();

    private string Secrets => _folder.File("secrets/elastic-setup");

    public async ValueTask InitializeAsync()
    {
        await Tool.RunAsync("bash", "deploy/setup/secrets.sh", _folder.File("secrets"));
        // The names of the services are known in their network only.
        string netrc = Path.Combine(Secrets, "netrc"), text = await File.ReadAllTextAsync(netrc);
        Assert.Contains("machine elasticsearch ", text, StringComparison.Ordinal);
        Assert.Contains("machine kibana ", text, StringComparison.Ordinal);
        File.SetUnixFileMode(netrc, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(netrc, text.Replace("machine kibana", "machine 127.0.0.1", StringComparison.Ordinal));
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Every_user_gets_its_password_and_a_role_that_is_there()
    {
        await using var server = new RecordingServer(_ => (200, "{}"));
        (int exitCode, string output) = await UsersAsync(server);
        Assert.True(exitCode == 0, output);
        Assert.All(server.Asked, asked => Assert.Equal($"elastic:{Secret("authority/elastic")}", asked.User));
        Assert.Equal(Secret("authority/elastic-kibana"), Text(server, "POST", "/_security/user/kibana_system/_password", "password"));
        Assert.Equal(Secret("silo/Elastic__Password"), Text(server, "PUT", "/_security/user/shitops", "password"));
        Assert.Equal(Secret("otel/elastic-password"), Text(server, "PUT", "/_security/user/collector", "password"));
        foreach (string user in (string[])["shitops", "collector"])
        {
            string role = Body(server, "PUT", $"/_security/user/{user}").GetProperty("roles")[0].GetString()!;
            JsonElement rights = Body(server, "PUT", $"/_security/role/{role}");
            Assert.Contains(rights.GetProperty("indices").EnumerateArray(), i => i.GetProperty("privileges").ToString().Contains("create_doc", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Setting_users_up_waits_until_the_cluster_is_well()
    {
        int asked = 0;
        await using var server = new RecordingServer(call => call.Path.StartsWith("/_cluster/health", StringComparison.Ordinal) && ++asked < 2 ? (503, "{}") : (200, "{}"));
        Assert.Equal(0, (await UsersAsync(server)).ExitCode);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_user_that_is_refused_fails_the_set_up_and_shows_no_password()
    {
        await using var server = new RecordingServer(call => call.Path == "/_security/user/shitops" ? (400, """{"error":"no"}""") : (200, "{}"));
        (int exitCode, string output) = await UsersAsync(server);
        Assert.NotEqual(0, exitCode);
        Assert.DoesNotContain(Secret("silo/Elastic__Password"), output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_are_imported_over_what_is_there_and_rules_only_if_they_are_not()
    {
        string objects = Objects();
        await using var server = new RecordingServer(call => call.Path.Contains("/rule/", StringComparison.Ordinal) ? (409, "{}") : (200, """{"success":true}"""));
        (int exitCode, string output) = await ImportAsync(server, objects);
        Assert.True(exitCode == 0, output);
        Assert.Equal(["/api/saved_objects/_import?overwrite=true", "/api/alerting/rule/1-2"], server.Asked.Select(a => a.Path));
        Assert.All(server.Asked, asked => Assert.Equal("true", asked.Headers["kbn-xsrf"]));
        Assert.All(server.Asked, asked => Assert.StartsWith("elastic:", asked.User));
        // Kibana refuses a file of another name.
        Assert.Contains("filename=\"board.ndjson\"", server.Asked[0].Body, StringComparison.Ordinal);
        Assert.Equal("""{"name":"held"}""", server.Asked[1].Body);
    }

    [Theory]
    [InlineData(200, """{"success":false,"errors":[{"error":{"type":"missing_references"}}]}""")]
    [InlineData(400, """{"message":"Invalid file extension"}""")]
    [InlineData(401, "")]
    public async Task An_import_without_success_is_a_failure_whatever_the_status(int status, string body)
    {
        await using var server = new RecordingServer(_ => (status, body));
        (int exitCode, string output) = await ImportAsync(server, Objects(rules: false));
        Assert.NotEqual(0, exitCode);
        Assert.Contains("not imported: board.ndjson", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_is_refused_is_a_failure()
    {
        await using var server = new RecordingServer(call => call.Path.Contains("/rule/", StringComparison.Ordinal) ? (400, "{}") : (200, """{"success":true}"""));
        (int exitCode, string output) = await ImportAsync(server, Objects());
        Assert.NotEqual(0, exitCode);
        Assert.Contains("not imported: held.1-2.json", output, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output)> UsersAsync(RecordingServer server) => Tool.TryRunAsync("bash", ["deploy/elastic/users.sh", server.Url, Secrets], NoProxy);

    private Task<(int ExitCode, string Output)> ImportAsync(RecordingServer server, string objects) =>
        Tool.TryRunAsync("bash", ["deploy/elastic/import.sh", server.Url, Secrets, objects], NoProxy);

    private string Objects(bool rules = true)
    {
        string folder = Directory.CreateDirectory(_folder.File("objects")).FullName;
        File.WriteAllText(Path.Combine(folder, "board.ndjson"), "{}\n");
        if (rules)
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "rules")).FullName, "held.1-2.json"), """{"name":"held"}""");
        return folder;
    }

    private string Secret(string file) => File.ReadAllText(Path.Combine(_folder.File("secrets"), file)).Trim();

    private static string Text(RecordingServer server, string method, string path, string key) => Body(server, method, path).GetProperty(key).GetString()!;

    private static JsonElement Body(RecordingServer server, string method, string path) =>
        JsonDocument.Parse(Assert.Single(server.Asked, a => a.Method == method && a.Path == path).Body).RootElement;

    private static readonly Dictionary<string, string?> NoProxy = new() { ["http_proxy"] = null, ["no_proxy"] = "*" };
}
