using ShitOps.Grains.Storage;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Collation;

/// <summary>
/// Whom an ask asks, and at which nodes their replies are collated, by the tree of the moment it is accepted. Pure. Nodes
/// and teams are in post-order: left subtree, right subtree, then the node itself with its own teams by name.
/// </summary>
internal sealed record AskPlan(int Top, IReadOnlyList<AskNodeRow> Nodes, IReadOnlyList<AskTeamRow> Teams)
{
    /// <param name="asker">Is never asked, even if the address means it.</param>
    /// <returns>Null: nobody is asked.</returns>
    public static AskPlan? For(Routes routes, Scope scope, string asker)
    {
        TeamPlace[] asked = [.. routes.Snapshot.Teams.Where(t => t.Name != asker && scope.Includes(t))];
        if (asked.Length == 0)
            return null;
        int top = asked.Select(t => t.Node).Aggregate(TreeShape.LowestCommonAncestor);
        ILookup<int, string> names = asked.ToLookup(t => t.Node, t => t.Name);
        var below = new Dictionary<int, int>();
        foreach (TeamPlace team in asked)
        {
            for (int node = team.Node; ; node = TreeShape.Parent(node))
            {
                below[node] = below.GetValueOrDefault(node) + 1;
                if (node == top)
                    break;
            }
        }
        var nodes = new List<AskNodeRow>(below.Count);
        var teams = new List<AskTeamRow>(asked.Length);
        Visit(top);
        return new AskPlan(top, nodes, teams);

        // The depth of the tree bounds the recursion.
        void Visit(int node)
        {
            if (!below.TryGetValue(node, out int count))
                return;
            Visit(TreeShape.Left(node));
            Visit(TreeShape.Right(node));
            nodes.Add(new AskNodeRow(node, count));
            teams.AddRange(names[node].Order(StringComparer.Ordinal).Select(name => new AskTeamRow(name, node)));
        }
    }

    public AskRows ToRows(AskSpec spec, Guid result) => new(spec, Top, result, Nodes, Teams);
}
