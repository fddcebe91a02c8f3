using System.IO.Pipelines;
using System.Text.Json;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Inbox;

internal static class InboxApi
{
    public const int DefaultMax = 100, DefaultLease = 60;
    private const int FlushBytes = 64 * 1024;

    public static IEndpointRouteBuilder MapInbox(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/inbox").WithTags("Inbox").RequireAuthorization(Policies.Team);
        group.MapGet("", LeaseAsync).Takes("max", "wait", "lease").Produces<InboxResource>().Problems(422, 503)
            .WithSummary("Lease the oldest deliveries, waiting for the first");
        group.MapGet("/stream", (HttpContext http, InboxStream stream) => stream.RunAsync(http)).Takes("max", "lease").TakesHeaders("Last-Event-ID")
            .Produces(200, contentType: "text/event-stream").Problems(422, 503).WithSummary("Deliveries as server-sent events");
        group.MapPost("/ack", (HttpContext http, InboxReplies replies) => replies.AckAsync(http)).WithBodyLimit(JsonRequest.MaxBytes)
            .Accepts<Acknowledge>("application/json").Produces<Acknowledged>().Problems(400, 413, 415, 422, 503).WithSummary("They are dealt with");
        group.MapPost("/nack", (HttpContext http, InboxReplies replies) => replies.NackAsync(http)).WithBodyLimit(JsonRequest.MaxBytes)
            .Accepts<NotAcknowledge>("application/json").Produces<Returned>().Problems(400, 413, 415, 422, 503).WithSummary("Back into the inbox after a delay");
        group.MapPost("/extend", (HttpContext http, InboxReplies replies) => replies.ExtendAsync(http)).WithBodyLimit(JsonRequest.MaxBytes)
            .Accepts<ExtendLease>("application/json").Produces<Extended>().Problems(400, 413, 415, 422, 503).WithSummary("A longer lease");
        return routes;
    }

    private static async Task LeaseAsync(HttpContext http, InboxLeases leases, DeliveryOpener deliveries, IHostApplicationLifetime life)
    {
        var query = new Query(http.Request);
        int max = query.Whole("max", DefaultMax, 1, Limits.LeaseBatch);
        int wait = query.Whole("wait", 0, 0, (int)Limits.MaxLeaseWait.TotalSeconds);
        int lease = query.Whole("lease", DefaultLease, 1, (int)Limits.MaxLease.TotalSeconds);
        query.ThrowIfFaulty();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, life.ApplicationStopping);
        Delivery[] leased = [];
        try
        {
            var request = new LeaseRequest(max, TimeSpan.FromSeconds(wait), TimeSpan.FromSeconds(lease), Stream: null, Guid.CreateVersion7());
            leased = await leases.LeaseAsync(http.CallerTeam(), request, stop.Token) ?? [];
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            // This gateway is stopping: an empty list sends the caller to another one.
        }
        if (wait > 0 && leased.Length > 0 && !await leases.MayHandOutAsync(http, leased))
            throw new ProblemException(Known.NoKey);
        http.Response.ContentType = "application/json";
        PipeWriter output = http.Response.BodyWriter;
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteStartArray("deliveries");
        int written = 0;
        for (int i = 0; i < leased.Length; i++)
        {
            Delivery delivery = leased[i];
            byte[]? body;
            try
            {
                body = await deliveries.OpenAsync(delivery, http.RequestAborted);
            }
            catch (ProblemException)
            {
                // Its key is out of reach. It and those behind it come again, in order; those before it have been leased.
                await leases.ReturnAsync(http.CallerTeam(), leased[i..]);
                if (written > 0)
                    break;
                writer.Reset();
                throw;
            }
            if (body is null)
                continue;
            written++;
            DeliveryJson.Write(writer, delivery, body);
            if (writer.BytesPending < FlushBytes)
                continue;
            writer.Flush();
            await output.FlushAsync(http.RequestAborted);
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        await output.FlushAsync(http.RequestAborted);
    }
}
