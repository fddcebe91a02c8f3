using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tasks;

/// <summary>Who is told, besides the assignee, that a task is overdue. Pure.</summary>
public static class Escalation
{
    /// <summary>
    /// The teams of the nearest node above the assignee's at which other teams stand; none if the assignee stands at the
    /// root, or is not in the tree.
    /// </summary>
    public static (int Node, IReadOnlyList<string> Teams) Of(TreeSnapshot tree, string assignee)
    {
        if (tree.Find(assignee) is { } place)
        {
            for (int node = TreeShape.Parent(place.Node); node >= 0; node = TreeShape.Parent(node))
            {
                string[] teams = [.. tree.TeamsAt(node).ToArray().Select(t => t.Name).Where(name => name != assignee)];
                if (teams.Length > 0)
                    return (node, teams);
            }
        }
        return (-1, []);
    }
}
