using CsCheck;
using ShitOps.Grains.Nodes;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tests.Nodes;

/// <summary>Runs the plan of every node over whole trees, without grains: what one node plans for another is planned there next.</summary>
public sealed class CarryPlanTests
{
    private static readonly string[] Functions = ["QA", "Dev", "Ops"];

    private static TreeSnapshot Tree(int teams, int seed)
    {
        var random = new Random(seed);
        var places = new List<TeamPlace>();
        for (int i = 0; i < teams; i++)
        {
            int weight = random.Next(4) == 0 ? 2 : 1;
            places.Add(new TeamPlace($"t{i}", Functions[random.Next(3)], weight, Placement.PlaceFor(places, weight), DateTimeOffset.UnixEpoch));
        }
        return new TreeSnapshot("main", 1, [.. places]);
    }

    private static Envelope Item(string from, string to) => new() { Id = Guid.NewGuid(), From = from, To = to, Sha256 = new byte[32] };

    private sealed record Run(List<(Guid Message, string Team)> Copies, Dictionary<Guid, List<int>> Told, List<(int From, int To)> Calls);

    private static Run Carry(TreeSnapshot tree, int source, params Envelope[] items)
    {
        var routes = new Routes(tree);
        var run = new Run([], [], []);
        var waiting = new Queue<(int Node, ForwardBatch Batch)>();
        waiting.Enqueue((source, new ForwardBatch { Epoch = 1, From = -1, Descending = false, SignatureVersion = "v", Hops = [], Items = items }));
        while (waiting.TryDequeue(out (int Node, ForwardBatch Batch) step))
        {
            ForwardBatch batch = step.Batch with { Hops = [.. step.Batch.Hops, new Hop(step.Node, "s", default, "v", false, step.Batch.From)] };
            var plan = new CarryPlan(step.Node, routes, batch, new ForwardStatus?[batch.Items.Length]);
            foreach (CarryPlan.Copy copy in plan.Local)
            {
                run.Copies.Add((batch.Items[copy.Item].Id, copy.Team));
                Assert.Equal(step.Node, tree.Find(copy.Team)!.Node);
                if (copy.TellsWay)
                    (run.Told.TryGetValue(batch.Items[copy.Item].Id, out List<int>? told) ? told : run.Told[batch.Items[copy.Item].Id] = []).AddRange(batch.Hops.Select(h => h.Node));
            }
            foreach ((CarryPlan.Way way, List<int> group) in plan.Groups)
            {
                Assert.True(TreeShape.Parent(way.Next) == step.Node || TreeShape.Parent(step.Node) == way.Next);
                run.Calls.Add((step.Node, way.Next));
                waiting.Enqueue((way.Next, batch with
                {
                    From = step.Node,
                    Descending = way.Descending,
                    Hops = way.WithHops ? batch.Hops : [],
                    Items = [.. group.Select(i => batch.Items[i])],
                }));
            }
        }
        return run;
    }

    private static readonly Gen<(TreeSnapshot Tree, int Sender, int Other, int Kind)> Cases =
        Gen.Select(Gen.Int[2, 200], Gen.Int[0, 10_000], Gen.Int[0, 10_000], Gen.Int[0, 10_000], Gen.Int[0, 3])
            .Select((teams, seed, sender, other, kind) => (Tree(teams, seed), sender % teams, other % teams, kind));

    [Fact]
    public void Every_address_form_reaches_exactly_whom_it_means_once_and_never_the_sender() => Cases.Sample(c =>
    {
        (TreeSnapshot tree, int sender, int other, int kind) = c;
        TeamPlace from = tree.Teams[sender], named = tree.Teams[other];
        string to = kind switch { 0 => named.Name, 1 => $"function:{named.Function}", 2 => $"below:{named.Name}", _ => "all" };
        IEnumerable<TeamPlace> meant = kind switch
        {
            0 => [named],
            1 => tree.Teams.Where(t => t.Function == named.Function),
            2 => tree.Teams.Where(t => TreeShape.Path(t.Node, 0).Contains(named.Node)),
            _ => tree.Teams,
        };
        if (kind == 0 && sender == other)
            return;
        Run run = Carry(tree, from.Node, Item(from.Name, to));
        Assert.Equal(meant.Where(t => t.Name != from.Name).Select(t => t.Name).Order(StringComparer.Ordinal), run.Copies.Select(x => x.Team).Order(StringComparer.Ordinal));
    });

    [Fact]
    public void A_message_to_one_team_takes_the_shortest_way_and_tells_all_of_it() => Cases.Sample(c =>
    {
        (TreeSnapshot tree, int sender, int other, _) = c;
        if (sender == other)
            return;
        TeamPlace from = tree.Teams[sender], to = tree.Teams[other];
        Envelope item = Item(from.Name, to.Name);
        Run run = Carry(tree, from.Node, item);
        Assert.Equal(TreeShape.Path(from.Node, to.Node), run.Told[item.Id]);
    });

    [Fact]
    public void A_message_to_many_calls_no_node_twice_and_tells_each_hop_once() => Cases.Sample(c =>
    {
        (TreeSnapshot tree, int sender, _, _) = c;
        Envelope item = Item(tree.Teams[sender].Name, "all");
        Run run = Carry(tree, tree.Teams[sender].Node, item);
        int[] downwards = [.. run.Calls.Where(call => TreeShape.Parent(call.To) == call.From).Select(call => call.To)];
        Assert.Equal(downwards.Distinct().Count(), downwards.Length);
        if (run.Copies.Count == 0)
            return;
        // A leaf that holds nobody but the sender has nothing to tell of.
        TeamPlace from = tree.Teams[sender];
        bool empty(int node) => TreeShape.Left(node) >= tree.NodeCount && tree.TeamsAt(node).ToArray().All(t => t.Name == from.Name);
        IEnumerable<int> arrivals = run.Calls.Where(call => TreeShape.Parent(call.To) != call.From || !empty(call.To)).Select(call => call.To).Append(from.Node);
        Assert.Equal(arrivals.Order(), run.Told[item.Id].Order());
    });

    [Fact]
    public void A_question_does_not_go_to_a_team_that_came_after_it()
    {
        TreeSnapshot old = Tree(9, 1);
        DateTimeOffset asked = DateTimeOffset.UnixEpoch.AddSeconds(1);
        var late = new TeamPlace("late", "QA", 1, Placement.PlaceFor(old.Teams, 1), asked.AddMilliseconds(1));
        var tree = new TreeSnapshot("main", 2, [.. old.Teams, late]);
        Envelope message = Item("t0", "all"), question = message with { Id = Guid.NewGuid(), Kind = MessageKind.Ask, AskedAt = asked };
        Run run = Carry(tree, tree.Find("t0")!.Node, message, question);
        string[] everybody = [.. tree.Teams.Select(t => t.Name).Where(name => name != "t0").Order()];
        Assert.Equal(everybody, run.Copies.Where(c => c.Message == message.Id).Select(c => c.Team).Order());
        Assert.Equal(everybody.Except(["late"]), run.Copies.Where(c => c.Message == question.Id).Select(c => c.Team).Order());
    }

    [Fact]
    public void A_team_that_is_not_there_is_told_as_gone()
    {
        TreeSnapshot tree = Tree(5, 1);
        var statuses = new ForwardStatus?[1];
        _ = new CarryPlan(0, new Routes(tree), new ForwardBatch
        {
            Epoch = 1,
            From = -1,
            Descending = false,
            SignatureVersion = "v",
            Hops = [],
            Items = [Item("t0", "nobody")],
        }, statuses);
        Assert.Equal(ForwardStatus.RecipientGone, statuses[0]);
    }
}
