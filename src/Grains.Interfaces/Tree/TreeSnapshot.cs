using System.Collections.Frozen;

namespace ShitOps.Grains;

[GenerateSerializer, Immutable, Alias("sho.TeamPlace")]
public sealed record TeamPlace(
    [property: Id(0)] string Name,
    [property: Id(1)] string Function,
    [property: Id(2)] int Weight,
    [property: Id(3)] int Node,
    [property: Id(4)] DateTimeOffset CreatedAt);

/// <summary>The shape of a tree at one epoch: which team stands at which node. Nodes 0 to NodeCount − 1 exist.</summary>
[GenerateSerializer, Immutable, Alias("sho.TreeSnapshot")]
public sealed class TreeSnapshot
{
    [Id(0)] public string Tree { get; }
    [Id(1)] public long Epoch { get; }
    /// <summary>In name order (ordinal).</summary>
    [Id(2)] public TeamPlace[] Teams { get; }

    [NonSerialized] private FrozenDictionary<string, TeamPlace>? _byName;
    [NonSerialized] private TeamPlace[][]? _byNode;

    public TreeSnapshot(string tree, long epoch, TeamPlace[] teams)
    {
        Tree = tree;
        Epoch = epoch;
        Teams = teams;
    }

    public static TreeSnapshot Empty(string tree) => new(tree, 0, []);

    /// <summary>At least 1: an empty tree has a root without teams.</summary>
    public int NodeCount => ByNode.Length;

    public TeamPlace? Find(string team) => (_byName ??= Teams.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal)).GetValueOrDefault(team);

    /// <summary>The node's teams in name order.</summary>
    public ReadOnlySpan<TeamPlace> TeamsAt(int node) => node >= 0 && node < ByNode.Length ? ByNode[node] : [];

    private TeamPlace[][] ByNode => _byNode ??= Index();

    private TeamPlace[][] Index()
    {
        var nodes = new TeamPlace[Teams.Length == 0 ? 1 : Teams.Max(t => t.Node) + 1][];
        Array.Fill(nodes, []);
        foreach (TeamPlace team in Teams)
            nodes[team.Node] = [.. nodes[team.Node], team];
        return nodes;
    }
}
