using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;

namespace ShitOps.TestKit.Telemetry;

/// <summary>A span as it came in; ids in hex.</summary>
/// <param name="Scope">The activity source.</param>
public sealed record ReceivedSpan(string Scope, string Name, string Trace, string Parent);

/// <summary>
/// Takes in OTLP over HTTP with protobuf on loopback (https://opentelemetry.io/docs/specs/otlp/#otlphttp) and keeps the
/// spans; of logs and metrics it keeps that they came.
/// </summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentDictionary<string, int> _requests = new();
    private readonly Task _running;

    public OtlpReceiver()
    {
        Address = new($"http://127.0.0.1:{Loopback.FreePort()}");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _running = RunAsync();
    }

    public Uri Address { get; }

    /// <summary>What a program's environment must say to send here.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Address.ToString(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
    };

    public IReadOnlyList<ReceivedSpan> Spans => [.. _spans];

    /// <summary>Requests with something in them, by path: <c>/v1/logs</c>, <c>/v1/metrics</c>, <c>/v1/traces</c>.</summary>
    public int Requests(string path) => _requests.GetValueOrDefault(path);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _running;
        _listener.Close();
    }

    private async Task RunAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                await TakeAsync(context);
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or IOException)
            {
                // Stopped, or the sender went away: what it could not send is its own affair.
            }
        }
    }

    private async Task TakeAsync(HttpListenerContext context)
    {
        using var body = new MemoryStream();
        Stream input = context.Request.InputStream;
        if (context.Request.Headers["Content-Encoding"] == "gzip")
            input = new GZipStream(input, CompressionMode.Decompress);
        await input.CopyToAsync(body);
        string path = context.Request.Url!.AbsolutePath;
        if (path == "/v1/traces")
            ReadTraces(body.ToArray());
        if (body.Length > 0)
            _requests.AddOrUpdate(path, 1, (_, count) => count + 1);
        context.Response.ContentType = "application/x-protobuf";
        context.Response.Close();
    }

    // The numbers are those of opentelemetry/proto/trace/v1/trace.proto.
    private void ReadTraces(ReadOnlyMemory<byte> request)
    {
        foreach ((_, ReadOnlyMemory<byte> resource) in ProtobufFields.Of(request).Where(f => f.Number == 1))
        {
            foreach ((_, ReadOnlyMemory<byte> scope) in ProtobufFields.Of(resource).Where(f => f.Number == 2))
            {
                string name = "";
                foreach ((int number, ReadOnlyMemory<byte> value) in ProtobufFields.Of(scope))
                {
                    if (number == 1)
                        name = Text(value, 1);
                    else if (number == 2)
                        _spans.Enqueue(new(name, Text(value, 5), Hex(value, 1), Hex(value, 4)));
                }
            }
        }
    }

    private static string Text(ReadOnlyMemory<byte> message, int field) => Encoding.UTF8.GetString(Field(message, field).Span);

    private static string Hex(ReadOnlyMemory<byte> message, int field) => Convert.ToHexStringLower(Field(message, field).Span);

    private static ReadOnlyMemory<byte> Field(ReadOnlyMemory<byte> message, int field) =>
        ProtobufFields.Of(message).FirstOrDefault(f => f.Number == field).Value;
}
