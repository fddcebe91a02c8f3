using System.Text.Json;

namespace ShitOps.System.Tests.Fixtures;

/// <summary>The tree as the API shows it at one moment, for telling what must come out of it.</summary>
public sealed class TreePicture
{
    private readonly Dictionary<int, (int[] Children, string[] Teams)> _nodes;

    private TreePicture(JsonElement tree) => _nodes = tree.GetProperty("nodes").EnumerateArray().ToDictionary(
        node => node.Number("index"),
        node => (node.GetProperty("children").EnumerateArray().Select(child => child.GetInt32()).Order().ToArray(),
            node.GetProperty("teams").EnumerateArray().Select(team => team.Name()).Order(StringComparer.Ordinal).ToArray()));

    public static async Task<TreePicture> TakeAsync(ApiClient by) => new(await by.TreeAsync());

    public int NodeOf(string team) => _nodes.First(node => node.Value.Teams.Contains(team)).Key;

    public string[] TeamsAt(int node) => _nodes[node].Teams;

    /// <summary>The left subtree, the right one, the node's own teams by name; only those that are wanted.</summary>
    public IEnumerable<string> PostOrder(Func<string, bool> wanted) => PostOrder(0).Where(wanted);

    public IEnumerable<string> PostOrder(IEnumerable<string> teams) => PostOrder(teams.ToHashSet().Contains);

    private IEnumerable<string> PostOrder(int node)
    {
        (int[] children, string[] teams) = _nodes[node];
        return children.SelectMany(PostOrder).Concat(teams);
    }
}
