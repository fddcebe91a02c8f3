using System.CommandLine;
using Spectre.Console;

namespace ShitOps.Cli.Commands;

/// <summary><c>shitops tree</c>.</summary>
internal static class TreeCommand
{
    public static Command Make(Session session)
    {
        var command = new Command("tree", "Show the tree of hubs with their teams");
        session.Does(command, async (_, client, output, stop) =>
        {
            Client.Tree tree = await client.GetTreeAsync(stop);
            output.Write(tree, CliJson.Default.Tree, console =>
            {
                output.Line($"epoch {tree.Epoch}, depth {tree.Depth}, {tree.Nodes.Count} nodes");
                Dictionary<int, Client.TreeNode> nodes = tree.Nodes.ToDictionary(node => node.Index);
                foreach (Client.TreeNode root in tree.Nodes.Where(node => node.Parent is null))
                {
                    var picture = new Spectre.Console.Tree(Label(root));
                    Add(picture, root, nodes);
                    console.Write(picture);
                }
            });
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Add(IHasTreeNodes to, Client.TreeNode node, Dictionary<int, Client.TreeNode> nodes)
    {
        foreach (int child in node.Children)
        {
            var branch = new Spectre.Console.TreeNode(Label(nodes[child]));
            to.Nodes.Add(branch);
            Add(branch, nodes[child], nodes);
        }
    }

    private static Text Label(Client.TreeNode node) =>
        Output.Cell($"{node.Index} [{string.Join(' ', node.Teams)}] {node.Health}{(node.Queue is { } queue ? $", {queue} queued" : "")}{(node.Silo is { } silo ? $", {silo}" : "")}");
}
