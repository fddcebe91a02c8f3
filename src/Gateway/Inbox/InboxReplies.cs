using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Inbox;

/// <summary>What a team says to deliveries it has leased. Saying it again is no error.</summary>
internal sealed class InboxReplies(IGrainFactory grains, ClusterCalls calls, GatewayCounters counters)
{
    private sealed class Asked
    {
        public Guid[]? Deliveries { get; set; }
        public long? Seconds { get; set; }
    }

    private static readonly (string, FieldReader<Asked>) Deliveries =
        ("deliveries", static (ref r, a, f) => a.Deliveries = JsonText.Ids(ref r, "deliveries", Limits.LeaseBatch, f));

    private static readonly FieldTable<Asked> AckFields = new(Deliveries);

    private static readonly FieldTable<Asked> NackFields = new(Deliveries,
        ("delay", static (ref r, a, f) => a.Seconds = JsonText.Whole(ref r, "delay", 0, (long)Limits.MaxLease.TotalSeconds, f)));

    private static readonly FieldTable<Asked> ExtendFields = new(Deliveries,
        ("lease", static (ref r, a, f) => a.Seconds = JsonText.Whole(ref r, "lease", 1, (long)Limits.MaxLease.TotalSeconds, f)));

    public async Task<IResult> AckAsync(HttpContext http)
    {
        (Immutable<Guid[]> ids, _) = await ReadAsync(http, AckFields);
        InboxReply reply = await calls.RetryAsync(() => Inbox(http).Ack(ids), http.RequestAborted);
        counters.Ack(reply.Done);
        return Results.Json(new Acknowledged(reply.Done, reply.Unknown), GatewayJson.Default.Acknowledged);
    }

    public async Task<IResult> NackAsync(HttpContext http)
    {
        (Immutable<Guid[]> ids, long? delay) = await ReadAsync(http, NackFields);
        InboxReply reply = await calls.RetryAsync(() => Inbox(http).Nack(ids, TimeSpan.FromSeconds(delay ?? 0)), http.RequestAborted);
        return Results.Json(new Returned(reply.Done, reply.Unknown), GatewayJson.Default.Returned);
    }

    public async Task<IResult> ExtendAsync(HttpContext http)
    {
        (Immutable<Guid[]> ids, long? lease) = await ReadAsync(http, ExtendFields);
        InboxReply reply = await calls.RetryAsync(() => Inbox(http).Extend(ids, TimeSpan.FromSeconds(lease ?? InboxApi.DefaultLease)), http.RequestAborted);
        return Results.Json(new Extended(reply.Done, reply.Unknown, reply.LeasedUntil), GatewayJson.Default.Extended);
    }

    private ITeamGrain Inbox(HttpContext http) => grains.Team(http.CallerTeam());

    private static async Task<(Immutable<Guid[]>, long?)> ReadAsync(HttpContext http, FieldTable<Asked> fields)
    {
        var asked = new Asked();
        var faults = new Faults();
        await JsonRequest.ReadAsync(http.Request, fields, asked, faults);
        if (asked.Deliveries is not { Length: > 0 } && !faults.Found.Any(f => f.At!.StartsWith("/deliveries", StringComparison.Ordinal)))
            faults.Add("/deliveries", "required", "'deliveries' is needed: the ids of at least one.");
        faults.ThrowIfAny();
        return (new(asked.Deliveries!), asked.Seconds);
    }
}
