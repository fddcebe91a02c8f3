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
    [NonSerialized] private NodeIndex? _byNode;
    [NonSerialized] private int _asked;

    public TreeSnapshot(string tree, long epoch, TeamPlace[] teams)
    {
        Tree = tree;
        Epoch = epoch;
        Teams = IsInOrder(teams) ? teams : [.. teams.OrderBy(t => t.Name, StringComparer.Ordinal)];
    }

    public static TreeSnapshot Empty(string tree) => new(tree, 0, []);

    /// <summary>At least 1: an empty tree has a root without teams.</summary>
    public int NodeCount => ByNode.Count;

    /// <summary>
    /// A tree that grows is replaced before it was asked much, and at ten thousand teams an index is half a megabyte: only one
    /// that is asked more often than it has teams a few times over gets it.
    /// </summary>
    public TeamPlace? Find(string team)
    {
        if (_byName is { } index)
            return index.GetValueOrDefault(team);
        if (++_asked > 4 * Teams.Length)
            _byName = Teams.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);
        int place = IndexOf(team);
        return place < 0 ? null : Teams[place];
    }

    /// <summary>The team's place in <see cref="Teams"/>; −1 if it is not there.</summary>
    public int IndexOf(string team)
    {
        (int from, int to) = (0, Teams.Length - 1);
        while (from <= to)
        {
            int middle = from + ((to - from) / 2);
            int order = string.CompareOrdinal(Teams[middle].Name, team);
            if (order == 0)
                return middle;
            (from, to) = order < 0 ? (middle + 1, to) : (from, middle - 1);
        }
        return -1;
    }

    /// <summary>The node's teams in name order.</summary>
    public ReadOnlySpan<TeamPlace> TeamsAt(int node) => ByNode.At(node);

    private NodeIndex ByNode => _byNode ??= new(Teams);

    private static bool IsInOrder(TeamPlace[] teams)
    {
        for (int i = 1; i < teams.Length; i++)
        {
            if (string.CompareOrdinal(teams[i - 1].Name, teams[i].Name) > 0)
                return false;
        }
        return true;
    }

    /// <summary>The teams one node after another, and where each node's begin: two arrays, however many nodes.</summary>
    private sealed class NodeIndex
    {
        private readonly TeamPlace[] _teams;
        private readonly int[] _first;

        public NodeIndex(TeamPlace[] teams)
        {
            Count = teams.Length == 0 ? 1 : teams.Max(t => t.Node) + 1;
            _teams = new TeamPlace[teams.Length];
            _first = new int[Count + 1];
            foreach (TeamPlace team in teams)
                _first[team.Node + 1]++;
            for (int node = 0; node < Count; node++)
                _first[node + 1] += _first[node];
            int[] next = _first[..Count];
            foreach (TeamPlace team in teams)
                _teams[next[team.Node]++] = team;
        }

        public int Count { get; }

        public ReadOnlySpan<TeamPlace> At(int node) => node >= 0 && node < Count ? _teams.AsSpan(_first[node].._first[node + 1]) : [];
    }
}
