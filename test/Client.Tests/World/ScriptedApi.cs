using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ShitOps.Client.Tests.World;

/// <summary>An HTTP server on loopback that answers what a test tells it to, and remembers what it was asked: for what the real one cannot be made to do.</summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _answers = new();
    private readonly ConcurrentQueue<Asked> _asked = new();
    private readonly WebApplication _web;

    private ScriptedApi(WebApplication web, Uri address)
    {
        _web = web;
        Address = address;
    }

    public sealed record Asked(string Call, string Body, IReadOnlyDictionary<string, string> Headers);

    public Uri Address { get; }
    public IReadOnlyList<Asked> Requests => [.. _asked];

    public static async Task<ScriptedApi> StartAsync()
    {
        var address = new Uri($"http://127.0.0.1:{Loopback.FreePort()}");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address.ToString());
        WebApplication web = builder.Build();
        var api = new ScriptedApi(web, address);
        web.Run(api.AnswerAsync);
        await web.StartAsync();
        return api;
    }

    public ShitOpsClient Client(Func<ShitOpsClientOptions, ShitOpsClientOptions>? change = null)
    {
        var options = new ShitOpsClientOptions { Address = Address, Key = "k", FirstDelay = TimeSpan.FromMilliseconds(1) };
        return new(change?.Invoke(options) ?? options);
    }

    public ScriptedApi Then(int status, string body, string contentType = "application/json", int? retryAfter = null) => Then(async http =>
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        if (retryAfter is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await http.Response.WriteAsync(body);
    });

    public ScriptedApi Refuse(int status, string code, int? retryAfter = null, string more = "") =>
        Then(status, $$"""{"status":{{status}},"code":"{{code}}","detail":"because"{{more}}}""", "application/problem+json", retryAfter);

    /// <summary>The request is read, and the connection cut.</summary>
    public ScriptedApi Cut() => Then(http =>
    {
        http.Abort();
        return Task.CompletedTask;
    });

    public ScriptedApi Then(Func<HttpContext, Task> answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        string body = await reader.ReadToEndAsync();
        _asked.Enqueue(new($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}", body, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        if (_answers.TryDequeue(out Func<HttpContext, Task>? answer))
            await answer(http);
        else
            http.Response.StatusCode = 418;
    }

    public async ValueTask DisposeAsync()
    {
        // Streams that a test left open are not waited for.
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _web.StopAsync(now.Token);
        await _web.DisposeAsync();
    }
}
