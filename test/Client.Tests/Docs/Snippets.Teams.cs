namespace ShitOps.Client.Tests.Docs;

/// <summary>The C# examples of docs/api, one method a page and one region a section: a test holds that both are the same.</summary>
internal static partial class Snippets
{
    public static async Task TeamsAsync(ShitOpsClient dev, ShitOpsClient admin)
    {
        #region PUT /v1/teams/{name}
        PutTeam design = await admin.PutTeamAsync("design", function: "UX");
        Console.WriteLine($"{design.Name} sits at node {design.Node}; its key, shown this once: {design.Key}");
        #endregion

        #region GET /v1/teams
        await foreach (Team team in admin.GetTeamsAsync())
            Console.WriteLine($"{team.Name} {team.Function}");
        TeamWithKeys one = await admin.GetTeamAsync("design");
        Console.WriteLine($"{one.Keys.Count} key(s), the first of {one.Keys[0].CreatedAt:O}");
        #endregion

        #region POST /v1/teams/{name}/keys
        CreatedKey next = await admin.AddTeamKeyAsync("design");
        Console.WriteLine($"use {next.Key} from now on");
        await admin.RevokeTeamKeyAsync("design", one.Keys[0].KeyId);
        #endregion

        #region GET /v1/teams/{name}/open
        OpenEnds open = await dev.GetOpenEndsAsync("dev");
        Console.WriteLine($"{open.Messages.Items.Count} messages, {open.Asks.Count} asks, {open.Tasks.Open.Count} tasks, {open.Tasks.Overdue.Count} of them late");
        #endregion

        #region GET /v1/tree
        Tree tree = await admin.GetTreeAsync();
        foreach (TreeNode node in tree.Nodes)
            Console.WriteLine($"{node.Index} below {node.Parent}: {string.Join(", ", node.Teams)}, {node.Health}");
        #endregion

        #region POST /v1/tree/rebalance
        Rebalance plan = await admin.RebalanceTreeAsync(dryRun: true);
        Console.WriteLine($"{plan.Moves.Count} teams would move: {plan.HopsBefore:F1} to {plan.HopsAfter:F1} hops a message");
        await admin.RebalanceTreeAsync(plan.Plan!.Value);
        #endregion

        #region GET /v1/nodes
        await foreach (NodeInfo node in admin.GetNodesAsync())
            Console.WriteLine($"{node.Index} on {node.Silo}: {node.Queue} queued, {node.Held} held");
        NodeInfo root = await admin.GetNodeAsync(0);
        Console.WriteLine($"pinged in {root.PingMilliseconds} ms");
        #endregion

        #region DELETE /v1/teams/{name}
        await admin.RemoveTeamAsync("design", force: true);
        #endregion
    }
}
