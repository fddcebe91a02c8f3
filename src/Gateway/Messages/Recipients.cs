using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary>Whether an address reaches anybody in a tree. Pure.</summary>
internal static class Recipients
{
    /// <summary>Null: at least one team other than the sender gets it.</summary>
    public static Fault? Check(TreeSnapshot tree, string sender, Address to)
    {
        switch (to.Kind)
        {
            case AddressKind.Team:
                return to.Name == sender ? new("/to", "own_team", "A team does not send to itself.")
                    : tree.Find(to.Name) is null ? Unknown($"There is no team '{to.Name}'.") : null;
            case AddressKind.Function:
                (bool any, bool others) = Of(tree, sender, to.Name);
                return others ? null : any ? Nobody : Unknown($"No team has the function '{to.Name}'.");
            case AddressKind.Below:
                return tree.Find(to.Name) is not { } top ? Unknown($"There is no team '{to.Name}'.")
                    : to.Name != sender || OthersBelow(tree, sender, top.Node) ? null : Nobody;
            default:
                return tree.Teams.Length > 1 || (tree.Teams.Length == 1 && tree.Teams[0].Name != sender) ? null : Nobody;
        }
    }

    /// <summary>How many teams it reaches, the sender aside.</summary>
    public static int Count(TreeSnapshot tree, string sender, Address to)
    {
        TeamPlace? top = to.Kind is AddressKind.Team or AddressKind.Below ? tree.Find(to.Name) : null;
        return tree.Teams.Count(team => team.Name != sender && to.Kind switch
        {
            AddressKind.Team => team == top,
            AddressKind.Function => team.Function == to.Name,
            AddressKind.Below => top is not null && IsBelow(team.Node, top.Node),
            _ => true,
        });
    }

    private static bool IsBelow(int node, int top)
    {
        while (node > top)
            node = (node - 1) / 2;
        return node == top;
    }

    private static Fault Nobody => new("/to", "no_recipient", "Nobody is there except the sender.");

    private static Fault Unknown(string detail) => new("/to", "unknown_recipient", detail);

    private static (bool Any, bool Others) Of(TreeSnapshot tree, string sender, string function)
    {
        bool own = false;
        foreach (TeamPlace team in tree.Teams)
        {
            if (team.Function != function)
                continue;
            if (team.Name != sender)
                return (true, true);
            own = true;
        }
        return (own, false);
    }

    /// <summary>Level by level: node i has the children 2i+1 and 2i+2. No node is empty for long, so this ends soon.</summary>
    private static bool OthersBelow(TreeSnapshot tree, string sender, int top)
    {
        for ((int first, int last) = (top, top); first < tree.NodeCount; (first, last) = ((2 * first) + 1, (2 * last) + 2))
        {
            for (int node = first; node <= last && node < tree.NodeCount; node++)
            {
                foreach (TeamPlace team in tree.TeamsAt(node))
                {
                    if (team.Name != sender)
                        return true;
                }
            }
        }
        return false;
    }
}
