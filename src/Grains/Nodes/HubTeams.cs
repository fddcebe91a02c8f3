using ShitOps.Grains.Storage;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Nodes;

/// <summary>
/// Keeps a hub in step with the tree: whose outboxes are its own, by an epoch that never falls. A team that comes brings
/// its outbox along, and nothing of it leaves before all of it was read; a team that goes takes its outbox with it.
/// </summary>
internal sealed class HubTeams(NodeKey node, HubServices hub, Outbox outbox, OutboxLoader loader, HubTenure tenure)
{
    /// <summary>The change stands in the database a moment before the tree grain tells of it.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20), Patience = TimeSpan.FromSeconds(3);

    /// <summary>So long after a team went, whoever still wakes this hub for it is passed on.</summary>
    private static readonly TimeSpan PassOn = TimeSpan.FromMinutes(1);

    /// <summary>Null while none has gone, as from most hubs.</summary>
    private Dictionary<string, long>? _gone;
    private Task _following = Task.CompletedTask;
    private long _epoch = -1;
    private bool _inDoubt;

    /// <summary>Called when the outbox is another's or in doubt: something may be able to leave.</summary>
    public Action Changed { get; set; } = static () => { };

    /// <summary>
    /// Routes of that epoch at least, and not older than what this hub has followed or must follow by now. The hub's own
    /// teams are by these routes when this returns.
    /// </summary>
    /// <exception cref="NotCommittedException">The tree of which the database tells cannot be had.</exception>
    public async ValueTask<Routes> FollowAsync(long epoch = 0)
    {
        long start = hub.Time.GetTimestamp();
        while (true)
        {
            Routes routes = await hub.Router.AtLeastAsync(Math.Max(epoch, Needed));
            if (await FollowAsync(routes))
                return routes;
            if (hub.Time.GetElapsedTime(start) > Patience)
                throw new NotCommittedException($"node {node} must go by epoch {Needed} of its tree, and has found {routes.Snapshot.Epoch}");
            await Task.Delay(Pause, hub.Time);
        }
    }

    /// <returns>False: these routes are older than what this hub must go by.</returns>
    public async ValueTask<bool> FollowAsync(Routes routes)
    {
        TreeSnapshot tree = routes.Snapshot;
        if (tree.Epoch < Needed)
            return false;
        if (tree.Epoch > _epoch || _inDoubt)
            Follow(tree);
        await _following;
        // What has ended is not kept for what it held.
        if (_following.IsCompletedSuccessfully)
            _following = Task.CompletedTask;
        return tree.Epoch >= Needed;
    }

    /// <summary>The same, where nobody waits for the routes: what cannot be had now is followed later.</summary>
    public async Task TryFollowAsync(long epoch = 0)
    {
        try
        {
            await FollowAsync(epoch);
        }
        catch (Exception error)
        {
            NodeLog.NotFollowed(hub.Log, node.ToString(), error);
        }
    }

    /// <summary>Whether these routes are still such that the hub may accept by them. No await lies between this and the commit.</summary>
    public bool Holds(Routes routes) => routes.Snapshot.Epoch >= Needed && !_inDoubt;

    public bool IsBehind(TreeSnapshot? tree) => tree is not null && (tree.Epoch > _epoch || _inDoubt);

    /// <summary>The tree took a team from this hub, or took and gave it back: what this hub knows of its outboxes may be old.</summary>
    public void Doubt() => _inDoubt = true;

    /// <summary>Where teams stand by now that left this hub a short while ago.</summary>
    public IEnumerable<int> PassedOn(TreeSnapshot tree)
    {
        if (_gone is null)
            return [];
        foreach ((string team, long at) in _gone.ToArray())
        {
            if (hub.Time.GetElapsedTime(at) > PassOn)
                _gone.Remove(team);
        }
        return _gone.Keys.Select(tree.Find).OfType<TeamPlace>().Select(team => team.Node).Where(index => index != node.Index).Distinct();
    }

    private long Needed => Math.Max(_epoch, tenure.Epoch);

    private void Follow(TreeSnapshot tree)
    {
        string[] teams = [.. tree.TeamsAt(node.Index).ToArray().Select(team => team.Name)];
        bool same = !_inDoubt && _epoch >= 0 && loader.Teams.SequenceEqual(teams);
        foreach (string team in loader.Teams.Except(teams))
            (_gone ??= new(StringComparer.Ordinal))[team] = hub.Time.GetTimestamp();
        _epoch = tree.Epoch;
        _inDoubt = false;
        if (!same)
            _following = ReadAsync(teams);
    }

    private async Task ReadAsync(string[] teams)
    {
        loader.Teams = teams;
        outbox.Keep(loader.IsOwn);
        outbox.Doubt();
        try
        {
            await loader.CountAsync();
        }
        catch
        {
            _inDoubt = true;
            throw;
        }
        Changed();
    }
}
