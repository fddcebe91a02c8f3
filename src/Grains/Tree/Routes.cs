using System.Collections.Concurrent;

namespace ShitOps.Grains.Tree;

/// <summary>Answers where messages go, from one snapshot of the tree. What it works out for an address it remembers.</summary>
public sealed class Routes(TreeSnapshot snapshot)
{
    private readonly ConcurrentDictionary<string, Scope?> _scopes = new(StringComparer.Ordinal);

    public TreeSnapshot Snapshot => snapshot;

    /// <summary>Null: not an address, or it names a team that is not there.</summary>
    public Scope? Find(string address) => _scopes.GetOrAdd(address, static (text, routes) => routes.Work(text), this);

    /// <summary>True if somebody besides the sender is meant.</summary>
    public bool ReachesAnyone(Scope scope, string sender) =>
        scope.Address.IsTeam ? scope.Address.Name != sender : scope.Teams - (snapshot.Find(sender) is { } own && scope.Includes(own) ? 1 : 0) > 0;

    private Scope? Work(string text)
    {
        if (!Address.TryParse(text, out Address address))
            return null;
        int below = TreeShape.Root;
        if (address.Kind is AddressKind.Team or AddressKind.Below)
        {
            if (snapshot.Find(address.Name) is not { } named)
                return null;
            below = named.Node;
        }
        TeamPlace[] teams = address.Kind switch
        {
            AddressKind.Team => [snapshot.Find(address.Name)!],
            AddressKind.Function => [.. snapshot.Teams.Where(t => t.Function == address.Name)],
            _ => [.. snapshot.Teams.Where(t => TreeShape.IsInSubtree(t.Node, below))],
        };
        if (teams.Length == 0)
            return new Scope(address, TreeShape.Root, 0, new HashSet<int>(), below);
        int top = teams.Select(t => t.Node).Aggregate(TreeShape.LowestCommonAncestor);
        var active = new HashSet<int>();
        foreach (TeamPlace team in teams)
        {
            for (int node = team.Node; active.Add(node) && node != top;)
                node = TreeShape.Parent(node);
        }
        return new Scope(address, top, teams.Length, active, below);
    }
}

/// <summary>Whom an address means.</summary>
/// <param name="Top">The lowest node that has every recipient below it: a message climbs to it and descends from there.</param>
/// <param name="Teams">How many teams are meant, the sender among them if it fits.</param>
/// <param name="Active">The nodes from <paramref name="Top"/> down to each recipient's.</param>
public sealed record Scope(Address Address, int Top, int Teams, IReadOnlySet<int> Active, int Below)
{
    public bool Includes(TeamPlace team) => Address.Kind switch
    {
        AddressKind.Team => team.Name == Address.Name,
        AddressKind.Function => team.Function == Address.Name,
        AddressKind.Below => TreeShape.IsInSubtree(team.Node, Below),
        _ => true,
    };
}
