using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Events;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary>One message as a caller may see it.</summary>
internal sealed class MessageReads(IGrainFactory grains, ClusterCalls calls)
{
    /// <exception cref="ProblemException">404: there is no such message, or it is not the caller's to know.</exception>
    public async Task<MessageView> SeenAsync(Guid id, Caller caller, CancellationToken stop) =>
        await calls.RetryAsync(() => grains.Archive().Message(id), stop) is { } view && MessageAccess.MaySee(view, caller)
            ? view
            : throw new ProblemException(Known.NotFound);

    /// <inheritdoc cref="SeenAsync"/>
    public async Task<MessageResource> GetAsync(Guid id, Caller caller, CancellationToken stop)
    {
        MessageView view = await SeenAsync(id, caller, stop);
        return MessageResource.Of(view, MessageAccess.MaySeeSubject(view, caller));
    }

    /// <inheritdoc cref="SeenAsync"/>
    public async Task<IReadOnlyList<EventResource>> TraceAsync(Guid id, Caller caller, CancellationToken stop)
    {
        await SeenAsync(id, caller, stop);
        Immutable<EventView[]> events = await calls.RetryAsync(() => grains.Archive().Trace(id), stop);
        return [.. events.Value.Select(EventResource.Of)];
    }
}
