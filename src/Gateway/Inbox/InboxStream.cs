using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Inbox;

/// <summary>
/// <c>GET /v1/inbox/stream</c>: deliveries as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
/// After a break, Last-Event-ID tells what had arrived; the rest is delivered again at once.
/// </summary>
internal sealed class InboxStream(IGrainFactory grains, ClusterCalls calls, InboxLeases leases, DeliveryOpener deliveries, IHostApplicationLifetime life)
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public async Task RunAsync(HttpContext http)
    {
        var query = new Query(http.Request);
        int max = query.Whole("max", InboxApi.DefaultMax, 1, Limits.LeaseBatch);
        int lease = query.Whole("lease", InboxApi.DefaultLease, 1, (int)Limits.MaxLease.TotalSeconds);
        query.ThrowIfFaulty();
        string team = http.CallerTeam();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, life.ApplicationStopping);
        Guid? last = Guid.TryParse(http.Request.Headers["Last-Event-ID"], out Guid id) ? id : null;
        await calls.RetryAsync(() => grains.Team(team).Resume(last), stop.Token);

        http.Response.ContentType = "text/event-stream";
        // Proxies must not gather what is meant to arrive now.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        var request = new LeaseRequest(max, KeepAlive, TimeSpan.FromSeconds(lease), Guid.CreateVersion7(), Request: Guid.Empty);
        try
        {
            Comment(http.Response.BodyWriter, "stream");
            await http.Response.BodyWriter.FlushAsync(stop.Token);
            while (!stop.IsCancellationRequested && await NextAsync(http, team, request, stop.Token))
            {
                // Until the client leaves, is back on another stream, or its key was revoked.
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ProblemException or IOException)
        {
            // Gone, stopping, or the cluster is away for longer than a request may take: the client comes back.
        }
        finally
        {
            await EndAsync(team, request.Stream!.Value);
        }
    }

    private async Task<bool> NextAsync(HttpContext http, string team, LeaseRequest request, CancellationToken stop)
    {
        if (await leases.LeaseAsync(team, request with { Request = Guid.CreateVersion7() }, stop) is not { } leased || !await leases.MayHandOutAsync(http, leased))
            return false;
        PipeWriter output = http.Response.BodyWriter;
        if (leased.Length == 0)
            Comment(output, "keep-alive");
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(buffer);
        foreach (Delivery delivery in leased)
        {
            if (await deliveries.OpenAsync(delivery, stop) is not { } body)
                continue;
            DeliveryJson.Write(writer, delivery, body);
            writer.Flush();
            WriteEvent(output, delivery.Id, buffer.WrittenSpan);
            buffer.ResetWrittenCount();
            writer.Reset();
            await output.FlushAsync(stop);
        }
        await output.FlushAsync(stop);
        return true;
    }

    private async Task EndAsync(string team, Guid stream)
    {
        try
        {
            await calls.RetryAsync(() => grains.Team(team).EndStream(stream), CancellationToken.None);
        }
        catch (ProblemException)
        {
            // Then its leases run out by themselves.
        }
    }

    internal static void WriteEvent(IBufferWriter<byte> output, Guid id, ReadOnlySpan<byte> json)
    {
        output.Write(Encoding.ASCII.GetBytes($"id: {id}\nevent: delivery\n"));
        // JSON may hold line breaks between its tokens; every line of data is a field of its own.
        while (true)
        {
            int end = json.IndexOfAny((byte)'\n', (byte)'\r');
            output.Write("data: "u8);
            output.Write(end < 0 ? json : json[..end]);
            output.Write("\n"u8);
            if (end < 0)
                break;
            json = json[(json[end..].StartsWith("\r\n"u8) ? end + 2 : end + 1)..];
        }
        output.Write("\n"u8);
    }

    private static void Comment(PipeWriter output, string text) => output.Write(Encoding.ASCII.GetBytes($": {text}\n\n"));
}
