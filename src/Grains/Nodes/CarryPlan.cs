using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Nodes;

/// <summary>
/// Decides for every message of a batch whether it has arrived and which way it goes on. Pure. A message to one team
/// takes the next hop towards that team's node. A message to many climbs (or descends) to the top of its scope and is
/// then distributed downwards, each node serving its own teams.
/// </summary>
internal sealed class CarryPlan
{
    /// <param name="WithHops">The way so far is still to be told by whoever delivers.</param>
    public readonly record struct Way(int Next, bool Descending, bool WithHops);

    /// <param name="TellsWay">The events of the way so far are written with this copy.</param>
    /// <param name="Settles">The message has this recipient only.</param>
    public readonly record struct Copy(int Item, string Team, bool TellsWay, bool Settles);

    private readonly int _node;
    private readonly Routes _routes;

    public List<Copy> Local { get; } = [];
    public Dictionary<Way, List<int>> Groups { get; } = [];

    /// <summary>Items that have a status are left out; those whose recipient is gone get theirs.</summary>
    public CarryPlan(int node, Routes routes, ForwardBatch batch, ForwardStatus?[] statuses)
    {
        _node = node;
        _routes = routes;
        for (int i = 0; i < batch.Items.Length; i++)
        {
            if (statuses[i] is not null)
                continue;
            Envelope item = batch.Items[i];
            if (routes.Find(item.To) is not { } scope)
                statuses[i] = ForwardStatus.RecipientGone;
            else if (scope.Address.IsTeam)
                PlanOne(i, item, scope);
            else if (scope.Active.Count == 0)
                statuses[i] = ForwardStatus.Delivered;
            else if (batch.Descending || node == scope.Top)
                Distribute(i, item, scope, batch.Hops.Length > 0, statuses);
            else
                Add(i, new Way(TreeShape.NextHop(node, scope.Top), Descending: false, WithHops: true));
        }
    }

    private void PlanOne(int i, Envelope item, Scope scope)
    {
        if (scope.Top == _node)
            Local.Add(new Copy(i, item.To, TellsWay: true, Settles: true));
        else
            Add(i, new Way(TreeShape.NextHop(_node, scope.Top), Descending: false, WithHops: true));
    }

    private void Distribute(int i, Envelope item, Scope scope, bool untold, ForwardStatus?[] statuses)
    {
        bool goesOn = false;
        foreach (TeamPlace team in _routes.Snapshot.TeamsAt(_node))
        {
            if (team.Name == item.From || !scope.Includes(team) || CameLater(team, item))
                continue;
            Local.Add(new Copy(i, team.Name, TellsWay: untold, Settles: false));
            untold = false;
            goesOn = true;
        }
        // The way is told once: by the first copy here, or by the first child that is called.
        foreach (int child in (ReadOnlySpan<int>)[TreeShape.Left(_node), TreeShape.Right(_node)])
        {
            if (!scope.Active.Contains(child))
                continue;
            Add(i, new Way(child, Descending: true, WithHops: untold));
            untold = false;
            goesOn = true;
        }
        if (!goesOn)
            statuses[i] = ForwardStatus.Delivered;
    }

    /// <summary>By the millisecond, as times are stored.</summary>
    private static bool CameLater(TeamPlace team, Envelope question) =>
        question.AskedAt is { } asked && team.CreatedAt.ToUnixTimeMilliseconds() > asked.ToUnixTimeMilliseconds();

    private void Add(int item, Way way)
    {
        if (!Groups.TryGetValue(way, out List<int>? items))
            Groups[way] = items = [];
        items.Add(item);
    }
}
