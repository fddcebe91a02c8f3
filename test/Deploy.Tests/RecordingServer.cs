using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace ShitOps.Deploy.Tests;

internal sealed record Asked(string Method, string Path, string User, string Body, IReadOnlyDictionary<string, string> Headers);

/// <summary>Answers HTTP on loopback as it is told, and keeps what it was asked.</summary>
internal sealed class RecordingServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<Asked> _asked = new();
    private readonly Func<Asked, (int Status, string Body)> _answer;
    private readonly Task _serving;

    public RecordingServer(Func<Asked, (int Status, string Body)> answer)
    {
        _answer = answer;
        Url = $"http://127.0.0.1:{Loopback.FreePort()}";
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url { get; }
    public Asked[] Asked => [.. _asked];

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            using var reader = new StreamReader(context.Request.InputStream);
            string[] authorization = (context.Request.Headers["Authorization"] ?? "").Split(' ');
            string user = authorization is ["Basic", var text] ? Encoding.UTF8.GetString(Convert.FromBase64String(text)) : "";
            var asked = new Asked(context.Request.HttpMethod, context.Request.RawUrl!, user, await reader.ReadToEndAsync(),
                context.Request.Headers.AllKeys.OfType<string>().ToDictionary(k => k.ToLowerInvariant(), k => context.Request.Headers[k]!));
            _asked.Enqueue(asked);
            (int status, string body) = _answer(asked);
            context.Response.StatusCode = status;
            context.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }
}
