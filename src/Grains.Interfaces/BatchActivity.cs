using System.Diagnostics;

namespace ShitOps.Grains;

/// <summary>
/// A span of one step with many messages, by OpenTelemetry's conventions for messaging
/// (https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/): it links to the trace of each message; if all
/// are of one trace it is a part of that.
/// </summary>
public static class BatchActivity
{
    private const int MaxLinks = 64;

    /// <summary>
    /// Null if nobody listens, or no message of the batch belongs to a trace that is recorded. Begins afresh: whatever
    /// activity started the loop that calls this has nothing to do with the batch.
    /// </summary>
    /// <param name="operation">messaging.operation.name: <c>send</c>, <c>process</c>, <c>forward</c>, <c>settle</c>…</param>
    /// <param name="parents">The traceparent of each message; null and repeated ones are passed over.</param>
    public static Activity? Start(ActivitySource source, string operation, ActivityKind kind, IEnumerable<string?> parents, int messages, int? node = null)
    {
        if (!source.HasListeners())
            return null;
        var links = new List<ActivityContext>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? last = null;
        foreach (string? parent in parents)
        {
            // Messages of one bulk come together and have one parent.
            if (parent is null || ReferenceEquals(parent, last) || !seen.Add(last = parent))
                continue;
            if (ActivityContext.TryParse(parent, null, isRemote: true, out ActivityContext context) && (context.TraceFlags & ActivityTraceFlags.Recorded) != 0)
                links.Add(context);
            if (links.Count == MaxLinks)
                break;
        }
        Activity.Current = null;
        if (links.Count == 0)
            return null;
        bool one = links.TrueForAll(link => link.TraceId == links[0].TraceId);
        Activity? activity = source.StartActivity(operation, kind, one ? links[0] : default, links: links.Select(link => new ActivityLink(link)));
        if (activity is not { IsAllDataRequested: true })
            return activity;
        activity.SetTag("messaging.system", "shitops").SetTag("messaging.operation.name", operation).SetTag("messaging.operation.type", TypeOf(operation));
        activity.SetTag("messaging.batch.message_count", messages);
        if (node is not null)
            activity.SetTag("shitops.node", node).SetTag("messaging.destination.name", $"node-{node}");
        return activity;
    }

    private static string TypeOf(string operation) => operation switch
    {
        "send" or "forward" => "send",
        "receive" => "receive",
        "ack" or "nack" or "extend" => "settle",
        _ => "process",
    };
}
