using Orleans.Storage;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Nodes;

/// <summary>
/// Records on which silo a hub woke up. If its last silo did not see it leave, that is a failover. The state's ETag makes
/// it a fence too: of two activations the one that writes second finds out, and goes.
/// </summary>
internal sealed class HubArrival(NodeKey node, HubServices hub, IPersistentState<HubState> state, int unsettled)
{
    public async Task RecordAsync(Action leave)
    {
        try
        {
            DateTimeOffset now = hub.Time.GetUtcNow();
            HubState last = state.State;
            bool failover = state.RecordExists && !last.Left && last.Silo is not null && last.Silo != hub.Silo;
            JournalEvent told = failover
                ? await FailoverAsync(last.Silo!, now)
                : new JournalEvent(EventTypes.NodeActivated, now) { Node = node.Index, Silo = hub.Silo };
            state.State = new HubState { Silo = hub.Silo, Since = now };
            await state.WriteStateAsync();
            await hub.Commits.CommitAsync(new Commit([new Note { Events = [told] }]));
        }
        catch (InconsistentStateException error)
        {
            NodeLog.SecondActivation(hub.Log, node.ToString(), error);
            leave();
        }
        catch (Exception error)
        {
            NodeLog.ArrivalNotRecorded(hub.Log, node.ToString(), error);
        }
    }

    public static async Task LeaveAsync(IPersistentState<HubState> state)
    {
        try
        {
            state.State.Left = true;
            await state.WriteStateAsync();
        }
        catch (Exception)
        {
            // The next activation counts as a failover then, which does no harm.
        }
    }

    private async Task<JournalEvent> FailoverAsync(string last, DateTimeOffset now)
    {
        DateTimeOffset seen = state.State.Since;
        try
        {
            NodeStatus[] known = (await hub.Grains.GetGrain<IHealthGrain>(node.Tree).Read(node.Index, 1)).Value;
            if (known is [{ PingedAt: { } pinged }] && pinged > seen)
                seen = pinged;
        }
        catch (Exception)
        {
            // Then the gap is told from the last activation.
        }
        NodeLog.FailedOver(hub.Log, node.ToString(), hub.Silo, last, now - seen, unsettled);
        return new JournalEvent(EventTypes.NodeFailedOver, now)
        {
            Node = node.Index,
            Silo = hub.Silo,
            Reason = FormattableString.Invariant($"last on {last}, seen {(now - seen).TotalSeconds:F1} s before"),
        };
    }
}
