using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ShitOps.Standalone;

/// <summary>
/// Plays a short story over the HTTP API, as any client would: four teams, a clean message that arrives, an infected one
/// that does not. Then the process keeps serving.
/// </summary>
internal sealed class Demo(IServer server, IConfiguration configuration, IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    public const string Switch = "--demo";
    private const string OperatorKey = "SHITOPS_OPERATOR_KEY", SecurityKey = "SHITOPS_SECURITY_KEY";

    private static readonly (string Name, string Function)[] Teams = [("platform", "Dev"), ("web", "Dev"), ("qa", "QA"), ("ops", "Ops")];

    /// <summary>The test file of the European Institute for Computer Anti-Virus Research, in two halves so that this program is not taken for it.</summary>
    private static readonly string Eicar = @"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

    public static void Prepare(ConfigurationManager configuration)
    {
        foreach (string key in new[] { OperatorKey, SecurityKey })
        {
            if (string.IsNullOrEmpty(configuration[key]))
                configuration[key] = "demo-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using CancellationTokenRegistration started = lifetime.ApplicationStarted.Register(() => _started.TrySetResult());
        await _started.Task.WaitAsync(stoppingToken);
        try
        {
            await PlayAsync(stoppingToken);
        }
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
        {
            Say($"the demo stopped: {error.Message}");
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task PlayAsync(CancellationToken stop)
    {
        string url = server.Features.Get<IServerAddressesFeature>()!.Addresses.First().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "127.0.0.1", StringComparison.Ordinal);
        using HttpClient operators = Client(url, configuration[OperatorKey]!);
        await UntilReadyAsync(operators, stop);
        Say($"serving at {url} with SQLite and the built-in scanner (not a production scanner)");
        Say($"operator key: {configuration[OperatorKey]}");
        Say($"security key: {configuration[SecurityKey]}");

        var keys = new Dictionary<string, string>();
        foreach ((string name, string function) in Teams)
            keys[name] = await TeamKeyAsync(operators, name, function, stop);
        Say($"teams: {string.Join(", ", Teams.Select(t => $"{t.Name} ({t.Function})"))}");

        using HttpClient platform = Client(url, keys["platform"]), qa = Client(url, keys["qa"]);
        Guid clean = await SendAsync(platform, "qa", "build 812", new { text = "build 812 is ready to test" }, stop);
        JsonElement got = await ReceiveAsync(qa, clean, stop);
        Say($"clean message {clean}: arrived at qa from {got.GetProperty("from").GetString()}: \"{got.GetProperty("subject").GetString()}\"; acknowledged");

        Guid infected = await SendAsync(platform, "qa", "invoice", Eicar, stop);
        string state = await SettledAsync(platform, infected, stop);
        using HttpClient security = Client(url, configuration[SecurityKey]!);
        JsonElement entries = await GetAsync(security, "/v1/quarantine", stop);
        JsonElement entry = entries.EnumerateObject().First(p => p.Value.ValueKind == JsonValueKind.Array).Value.EnumerateArray()
            .First(e => e.TryGetProperty("message", out JsonElement id) && id.GetString() == infected.ToString());
        Say($"infected message {infected}: {state}, signature {entry.GetProperty("signature").GetString()}; not delivered");
        Say($"look around: {url}/docs, curl -H 'Authorization: Bearer {configuration[OperatorKey]}' {url}/v1/tree");
    }

    private async Task UntilReadyAsync(HttpClient client, CancellationToken stop)
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(100), time);
        do
        {
            using HttpResponseMessage ready = await client.GetAsync("/health/ready", stop);
            if (ready.IsSuccessStatusCode)
                return;
        }
        while (await pulse.WaitForNextTickAsync(stop));
    }

    /// <summary>A team that is there from an earlier run gets a new key.</summary>
    private static async Task<string> TeamKeyAsync(HttpClient operators, string name, string function, CancellationToken stop)
    {
        JsonElement team = await ReadAsync(await operators.PutAsJsonAsync($"/v1/teams/{name}", new { function }, stop), stop);
        if (!team.TryGetProperty("key", out JsonElement key))
            key = (await ReadAsync(await operators.PostAsync($"/v1/teams/{name}/keys", null, stop), stop)).GetProperty("key");
        return key.GetString()!;
    }

    private static async Task<Guid> SendAsync(HttpClient team, string to, string subject, object body, CancellationToken stop) =>
        (await ReadAsync(await team.PostAsJsonAsync("/v1/messages", new { to, subject, body }, stop), stop)).GetProperty("id").GetGuid();

    private static async Task<JsonElement> ReceiveAsync(HttpClient team, Guid id, CancellationToken stop)
    {
        while (true)
        {
            JsonElement inbox = await GetAsync(team, "/v1/inbox?wait=20", stop);
            foreach (JsonElement delivery in inbox.GetProperty("deliveries").EnumerateArray())
            {
                Guid deliveryId = delivery.GetProperty("deliveryId").GetGuid();
                await ReadAsync(await team.PostAsJsonAsync("/v1/inbox/ack", new { deliveries = new[] { deliveryId } }, stop), stop);
                if (delivery.GetProperty("message").GetProperty("id").GetGuid() == id)
                    return delivery.GetProperty("message");
            }
        }
    }

    private async Task<string> SettledAsync(HttpClient team, Guid id, CancellationToken stop)
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(100), time);
        while (true)
        {
            string state = (await GetAsync(team, $"/v1/messages/{id}", stop)).GetProperty("state").GetString()!;
            if (state is not ("queued" or "held"))
                return state;
            await pulse.WaitForNextTickAsync(stop);
        }
    }

    private static async Task<JsonElement> GetAsync(HttpClient client, string path, CancellationToken stop) => await ReadAsync(await client.GetAsync(path, stop), stop);

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken stop)
    {
        using (response)
        {
            string text = await response.Content.ReadAsStringAsync(stop);
            return response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<JsonElement>(text)
                : throw new InvalidOperationException($"{response.RequestMessage!.RequestUri!.AbsolutePath}: {(int)response.StatusCode} {text}");
        }
    }

    private static HttpClient Client(string url, string key) => new()
    {
        BaseAddress = new Uri(url),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
    };

    private static void Say(string line) => Console.WriteLine($"demo: {line}");
}

internal static class DemoSetup
{
    public static void AddDemo(this WebApplicationBuilder builder)
    {
        Demo.Prepare(builder.Configuration);
        builder.Services.AddHostedService<Demo>();
    }
}
