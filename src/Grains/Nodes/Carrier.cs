using ShitOps.Grains.Storage;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Nodes;

/// <summary>
/// Carries a batch that was found clean at this node: puts it into the inboxes of own teams and calls the neighbours for
/// the rest, all at once. Keeps no state between calls.
/// </summary>
/// <param name="tenure">
/// Only the hub's owner delivers, and by a tree of which the hub has heard. So the inboxes of its teams are numbered in the
/// order of commits: of two hubs, or two activations of one, that deliver to a team at once, one may commit a lower number
/// after the inbox has read a higher one, and later messages pass it.
/// </param>
/// <param name="leaving">
/// The hub is to leave: what others carry for it is waited for no longer, and tried again by whoever sent it. Two hubs that
/// leave while each waits for the other would both stay until their calls time out, since a grain that leaves first ends
/// what it has begun.
/// </param>
internal sealed class Carrier(NodeKey node, HubServices hub, HubTenure tenure, Action<int> onDelivered, CancellationToken leaving)
{
    private readonly Dictionary<string, Signal> _notifying = [];

    /// <param name="batch">Its hops include this node's. The statuses of items already decided are in <paramref name="statuses"/>.</param>
    /// <returns>The greatest epoch anybody on the way knew.</returns>
    public async Task<long> CarryAsync(Routes routes, ForwardBatch batch, ForwardStatus?[] statuses)
    {
        var plan = new CarryPlan(node.Index, routes, batch, statuses);
        var steps = new List<Task<long>>(plan.Groups.Count + 1);
        if (plan.Local.Count > 0)
            steps.Add(DeliverAsync(routes, batch, plan.Local, statuses));
        foreach ((CarryPlan.Way way, List<int> items) in plan.Groups)
            steps.Add(ForwardAsync(routes, batch, way, items, statuses));
        long epoch = routes.Snapshot.Epoch;
        foreach (Task<long> step in steps)
            epoch = Math.Max(epoch, await step);
        return epoch;
    }

    private async Task<long> DeliverAsync(Routes routes, ForwardBatch batch, List<CarryPlan.Copy> copies, ForwardStatus?[] statuses)
    {
        DateTimeOffset now = hub.Time.GetUtcNow();
        var changes = new List<Change>(2 * copies.Count);
        foreach (CarryPlan.Copy copy in copies)
        {
            Hop[] hops = copy.TellsWay ? batch.Hops : [];
            Delivering.Add(changes, batch.Items[copy.Item], copy.Team, hops, node.Index, hub.Silo, now, copy.Settles);
        }
        try
        {
            if (routes.Snapshot.Epoch < tenure.Epoch)
                throw new FencedException($"a team has gone from {node}");
            await tenure.CommitAsync(changes);
        }
        catch (Exception error)
        {
            if (error is not FencedException)
                NodeLog.DeliveryFailed(hub.Log, node.ToString(), copies.Count, error);
            foreach (CarryPlan.Copy copy in copies)
                Worsen(statuses, copy.Item, ForwardStatus.Failed);
            return 0;
        }
        foreach (CarryPlan.Copy copy in copies)
            Worsen(statuses, copy.Item, ForwardStatus.Delivered);
        onDelivered(copies.Count);
        hub.Traffic.Add(copies.Select(c => (batch.Items[c.Item].From, c.Team)));
        foreach (IGrouping<string, CarryPlan.Copy> team in copies.GroupBy(c => c.Team))
            Notify(team.Key, Ranks(team.Select(c => batch.Items[c.Item])), team.Min(c => batch.Items[c.Item].ExpiresAt));
        return routes.Snapshot.Epoch;
    }

    private async Task<long> ForwardAsync(Routes routes, ForwardBatch batch, CarryPlan.Way way, List<int> items, ForwardStatus?[] statuses)
    {
        var envelopes = new Envelope[items.Count];
        for (int i = 0; i < envelopes.Length; i++)
            envelopes[i] = batch.Items[items[i]];
        ForwardBatch next = batch with
        {
            Epoch = routes.Snapshot.Epoch,
            From = node.Index,
            Descending = way.Descending,
            Hops = way.WithHops ? batch.Hops : [],
            Items = envelopes,
        };
        try
        {
            leaving.ThrowIfCancellationRequested();
            ForwardReply reply = await hub.Node(node with { Index = way.Next }).Forward(next).WaitAsync(leaving);
            for (int i = 0; i < envelopes.Length; i++)
                Worsen(statuses, items[i], reply.Results[i]);
            return reply.Epoch;
        }
        catch (Exception error)
        {
            if (!leaving.IsCancellationRequested)
                NodeLog.ForwardFailed(hub.Log, node.ToString(), way.Next, envelopes.Length, error);
            foreach (int item in items)
                Worsen(statuses, item, ForwardStatus.Failed);
            return 0;
        }
    }

    /// <summary>A message to many has the worst status of all its directions: what must be tried again, then what must wait.</summary>
    private static void Worsen(ForwardStatus?[] statuses, int item, ForwardStatus status)
    {
        if (statuses[item] is not { } known || Severity(status) > Severity(known))
            statuses[item] = status;
    }

    private static int Severity(ForwardStatus status) => status switch
    {
        ForwardStatus.Delivered => 0,
        ForwardStatus.Expired => 1,
        ForwardStatus.RecipientGone => 2,
        ForwardStatus.Quarantined => 3,
        ForwardStatus.Held => 4,
        _ => 5,
    };

    /// <summary>
    /// Wakes a team's inbox. Only a signal, one at a time for a team: the inbox reads the database, so a lost or late
    /// signal costs time and nothing else.
    /// </summary>
    private async void Notify(string team, int ranks, DateTimeOffset? expires)
    {
        if (_notifying.TryGetValue(team, out Signal? waiting))
        {
            waiting.Ranks |= ranks;
            waiting.Expires = Earliest(waiting.Expires, expires);
            return;
        }
        var signal = new Signal { Ranks = ranks, Expires = expires };
        _notifying[team] = signal;
        do
        {
            (ranks, expires) = (signal.Ranks, signal.Expires);
            signal.Ranks = 0;
            signal.Expires = null;
            try
            {
                await hub.Team(node.Tree, team).Notify(ranks, expires);
            }
            catch (Exception error)
            {
                NodeLog.NotifyFailed(hub.Log, team, error);
            }
        }
        while (signal.Ranks != 0);
        _notifying.Remove(team);
    }

    private static int Ranks(IEnumerable<Envelope> items)
    {
        int ranks = 0;
        foreach (Envelope item in items)
            ranks |= 1 << (int)Delivering.Rank(item);
        return ranks;
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;

    private sealed class Signal
    {
        public int Ranks { get; set; }
        public DateTimeOffset? Expires { get; set; }
    }
}
