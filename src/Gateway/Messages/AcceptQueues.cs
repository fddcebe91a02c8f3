using System.Collections.Concurrent;
using System.Diagnostics;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;
using ShitOps.Hosting.Batching;

namespace ShitOps.Gateway.Messages;

/// <summary>
/// One queue a hub: while one grain call is under way, posts for that hub gather; the next call takes them all. Calls
/// of one hub never overlap, so that posting order is the order in which messages are stored, also across retries.
/// </summary>
internal sealed partial class AcceptQueues(
    IGrainFactory grains, TreeWatch tree, ClusterCalls calls, GatewayCounters counters, TimeProvider time, ILogger<AcceptQueues> log)
{
    private const long MaxBatchBytes = 4 * 1024 * 1024;
    private const int FieldBytes = 512;
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);
    private readonly ConcurrentDictionary<int, GatheringQueue<PendingAccept>> _queues = new();

    /// <summary>Answers when the message is stored or refused, at the latest the budget and a little after it was posted.</summary>
    public async Task<AcceptOutcome> AcceptAsync(PendingAccept item)
    {
        TimeSpan left = calls.Budget + Grace - time.GetElapsedTime(item.Start);
        try
        {
            return await item.Outcome.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        }
        catch (TimeoutException)
        {
            return new(item.Message.Id, MessageState.Queued, item.TryAbandon() || !item.MaybeStored ? Known.Unavailable : Known.OutcomeUnknown);
        }
    }

    /// <summary>Adds messages of one sender to the queue of the hub where it stands; what is added together goes together.</summary>
    public void Enqueue(ReadOnlySpan<PendingAccept> items, int node) =>
        _queues.GetOrAdd(node, n => new GatheringQueue<PendingAccept>(
            batch => RunAsync(n, batch), Failed, Limits.AcceptBatch, MaxBatchBytes, p => p.Message.SealedBody.Length + FieldBytes)).Add(items);

    private async Task RunAsync(int node, IReadOnlyList<PendingAccept> batch)
    {
        List<PendingAccept> left = [.. batch.Where(p => !GaveUp(p) && p.TrySend())];
        for (int attempt = 1; left.Count > 0; attempt++)
        {
            left = await SendAsync(node, left);
            left.RemoveAll(GaveUp);
            if (left.Count > 0)
                await Task.Delay(ClusterCalls.Pause(attempt), time);
        }
    }

    /// <summary>One call; answers those that must be sent again, in order.</summary>
    private async Task<List<PendingAccept>> SendAsync(int node, List<PendingAccept> items)
    {
        AcceptReply reply;
        using Activity? activity = GatewayTrace.Send(node, items.Select(p => p.Message.TraceParent), items.Count);
        items.ForEach(item => item.InFlight = true);
        try
        {
            var batch = new AcceptBatch(tree.Current?.Epoch ?? 0, [.. items.Select(p => p.Message)]);
            // Half the budget: a call that hangs leaves time for one more, and repeating it is safe.
            reply = await calls.AnswerAsync(() => grains.Node(node).Accept(batch), calls.Budget / 2);
        }
        catch (Exception error) when (Transience.IsTransient(error))
        {
            LogCallFailed(node, items.Count, error.GetType().Name, error.Message);
            bool neverRan = Transience.NeverRan(error);
            foreach (PendingAccept item in items)
                (item.Uncertain, item.InFlight) = (item.Uncertain || !neverRan, false);
            return items;
        }
        counters.Batch(items.Count);
        return await SortAsync(node, items, reply);
    }

    private async Task<List<PendingAccept>> SortAsync(int node, List<PendingAccept> items, AcceptReply reply)
    {
        List<PendingAccept> again = [], moved = [];
        for (int i = 0; i < items.Count; i++)
        {
            PendingAccept item = items[i];
            Accepted result = reply.Results[i];
            switch (result.Status)
            {
                case AcceptStatus.Accepted or AcceptStatus.Repeated:
                    item.Complete(result.Id, result.State);
                    break;
                case AcceptStatus.Unknown:
                    item.Uncertain = true;
                    again.Add(item);
                    break;
                case AcceptStatus.NotStored:
                    again.Add(item);
                    break;
                case AcceptStatus.Moved:
                    moved.Add(item);
                    break;
                default:
                    item.Fail(AcceptProblems.Of(result.Status));
                    break;
            }
            item.InFlight = false;
        }
        if (moved.Count > 0)
            again.AddRange(await RerouteAsync(node, moved, reply.Epoch));
        return again;
    }

    /// <summary>To the hub where the sender stands by now; answers those that are to be sent to the same hub again.</summary>
    private async Task<List<PendingAccept>> RerouteAsync(int node, List<PendingAccept> moved, long epoch)
    {
        TreeSnapshot snapshot;
        try
        {
            snapshot = await tree.AtLeastAsync(epoch).AsTask().WaitAsync(calls.Budget, time);
        }
        catch (Exception error) when (Transience.IsTransient(error))
        {
            return moved;
        }
        List<PendingAccept> again = [];
        foreach (PendingAccept item in moved)
        {
            if (snapshot.Find(item.Message.From) is not { } place)
                item.Fail(Known.TeamGone);
            else if (place.Node == node)
                again.Add(item);
            else if (!GaveUp(item))
                Enqueue([item], place.Node);
        }
        return again;
    }

    private bool GaveUp(PendingAccept item)
    {
        if (time.GetElapsedTime(item.Start) < calls.Budget)
            return false;
        item.GiveUp();
        return true;
    }

    private void Failed(IReadOnlyList<PendingAccept> batch, Exception error)
    {
        LogBatchFailed(error, batch.Count);
        foreach (PendingAccept item in batch)
            item.GiveUp();
    }

    [LoggerMessage(5010, LogLevel.Warning, "Hub {Node} did not take a batch of {Count}: {Kind}: {Error}")]
    private partial void LogCallFailed(int node, int count, string kind, string error);

    [LoggerMessage(5011, LogLevel.Error, "A batch of {Count} messages failed")]
    private partial void LogBatchFailed(Exception error, int count);
}
