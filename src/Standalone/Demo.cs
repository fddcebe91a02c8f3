using System.Security.Cryptography;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using ShitOps.Standalone.Story;

namespace ShitOps.Standalone;

/// <summary>
/// Plays a short story over the HTTP API, as any client would: four teams, a clean message that arrives, an infected one
/// that does not, a question to all of them, and a release that goes from team to team. Then the process keeps serving.
/// </summary>
internal sealed class Demo(IServer server, IConfiguration configuration, IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    public const string Switch = "--demo";
    private const string OperatorKey = "SHITOPS_OPERATOR_KEY", SecurityKey = "SHITOPS_SECURITY_KEY";
    private static readonly TimeSpan TimeToAnswer = TimeSpan.FromMinutes(5);

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

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

    private async Task PlayAsync(CancellationToken stop)
    {
        string url = server.Features.Get<IServerAddressesFeature>()!.Addresses.First().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "127.0.0.1", StringComparison.Ordinal);
        using var operators = new Caller(url, configuration[OperatorKey]!, "operator", time);
        await operators.UntilReadyAsync(stop);
        Say($"serving at {url} with SQLite and the built-in scanner (not a production scanner)");
        Say($"operator key: {configuration[OperatorKey]}");
        Say($"security key: {configuration[SecurityKey]}");

        using Cast cast = await Cast.MeetAsync(operators, configuration[SecurityKey]!, Say, stop);
        await MessageScene.PlayAsync(cast, Say, stop);
        await AskScene.PlayAsync(cast, time.GetUtcNow() + TimeToAnswer, Say, stop);
        await WorkflowScene.PlayAsync(cast, Say, stop);
        Say($"the board: {url}/ (sign in with the operator key above; decide on the quarantine with the security key)");
        Say($"look around: {url}/docs, {url}/openapi/v1.json, curl -H 'Authorization: Bearer {configuration[OperatorKey]}' {url}/v1/tree");
    }

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
