using System.Diagnostics;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary>Where the trace of a message begins.</summary>
internal static class GatewayTrace
{
    public const string SourceName = "ShitOps.Gateway";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>
    /// What goes with a posted message: while traces are sent, this request's own place in the caller's trace, or in a new
    /// one; otherwise, and if the caller's trace is not to be recorded, the caller's as it is. The trace's id stays the same.
    /// </summary>
    public static string? Parent(HttpRequest request)
    {
        string? callers = MessageHeaders.TraceParent(request);
        return Source.HasListeners() && Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } own ? own.Id : callers;
    }

    /// <summary>One call to a hub with what waited for it. Not a child of the request that happened to start it.</summary>
    public static Activity? Send(int node, IEnumerable<string?> parents, int messages)
    {
        if (!Source.HasListeners())
            return null;
        return BatchActivity.Start(Source, "send", ActivityKind.Producer, parents, messages, node);
    }
}
