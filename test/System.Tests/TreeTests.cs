using System.Text.Json;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>A tree of 15 nodes with 30 teams: its shape, and every form of address on it.</summary>
[Collection(OrganisationTests.Name)]
public sealed class TreeTests(OrganisationCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    private Organisation Teams => source.Teams!;

    [Fact]
    public async Task Thirty_teams_fill_fifteen_nodes_in_level_order()
    {
        Assert.Equal(Enumerable.Range(0, Organisation.Count).Select(Organisation.NodeOf), Teams.Created.Select(t => t.Node));
        JsonElement tree = await Operator.TreeAsync();
        Assert.Equal(4, tree.Number("depth"));
        JsonElement[] nodes = [.. tree.GetProperty("nodes").EnumerateArray().OrderBy(n => n.Number("index"))];
        Assert.Equal(Enumerable.Range(0, Organisation.Nodes), nodes.Select(n => n.Number("index")));
        foreach (JsonElement node in nodes)
        {
            int index = node.Number("index");
            Assert.Equal([Organisation.NameOf(2 * index), Organisation.NameOf(2 * index + 1)], node.GetProperty("teams").EnumerateArray().Select(t => t.Name()).Order(StringComparer.Ordinal));
            int? parent = index == 0 ? null : (index - 1) / 2;
            Assert.Equal(parent, node.Has("parent") ? node.Number("parent") : null);
            Assert.Equal(index < 7 ? [2 * index + 1, 2 * index + 2] : [], node.GetProperty("children").EnumerateArray().Select(c => c.GetInt32()));
        }
    }

    [Fact]
    public async Task Every_node_is_seen_alive_on_a_silo_and_both_silos_carry_some()
    {
        JsonElement[] nodes = await Eventually.UntilAsync(
            Operator.NodesAsync, all => all.Length == Organisation.Nodes && all.All(n => n.Text("silo") is { Length: > 0 }),
            TimeSpan.FromSeconds(30), "all 15 nodes were pinged");
        Assert.Equal(Enumerable.Range(0, Organisation.Nodes), nodes.Select(n => n.Number("index")).Order());
        Assert.Equal(2, nodes.Select(n => n.Text("silo")).Distinct().Count());
        ApiAnswer one = await Operator.GetAsync("/v1/nodes/7");
        Assert.Equal(200, one.Status);
        Assert.Equal(7, one.Json.Number("index"));
        Assert.Equal(404, (await Operator.GetAsync("/v1/nodes/4000")).Status);
    }

    [Fact]
    public async Task The_teams_are_listed_in_pages_and_one_by_one()
    {
        List<JsonElement> all = await Operator.AllAsync("/v1/teams", ("limit", "7"));
        Assert.Equal(Enumerable.Range(0, Organisation.Count).Select(Organisation.NameOf), all.Select(t => t.Name()));
        ApiAnswer one = await Operator.GetAsync("/v1/teams/team-09");
        Assert.Equal(200, one.Status);
        Assert.Equal("Ops", one.Json.Text("function"));
        Assert.Equal(4, one.Json.Number("node"));
        Assert.False(one.Json.Has("key"), "a key is shown at creation alone");
    }

    [Theory]
    [InlineData(15, 28)] // from leaf 7 over the root to leaf 14
    [InlineData(15, 17)] // leaf 7 to leaf 8: over their parent
    [InlineData(0, 29)] // straight down
    [InlineData(22, 3)] // straight up
    [InlineData(10, 11)] // the other team of the same node
    public async Task A_message_passes_exactly_the_nodes_of_its_path_and_is_checked_at_each(int from, int to)
    {
        Accepted sent = await Teams.Clients[from].SendAsync(NewMessage.Text(Organisation.NameOf(to), $"hop {from} to {to} {Guid.NewGuid()}"));
        Delivery delivery = Assert.Single(await Teams.Clients[to].LeaseAsync());
        Assert.Equal(sent.Id, delivery.Message.Id);
        await Teams.Clients[to].AckAsync(delivery.DeliveryId);

        IReadOnlyList<JournalEvent> trace = await Teams.Clients[from].TraceAsync(sent.Id);
        JournalEvent[] hops = [.. trace.Where(e => e.Type is "message.scanned" or "message.forwarded")];
        int[] passed = [.. trace.Where(e => e.Type is "message.scanned" or "message.forwarded" or "message.delivered").Select(e => e.Node ?? -1)];
        Assert.Equal(Organisation.Path(Organisation.NodeOf(from), Organisation.NodeOf(to)), WithoutRepeats(passed));
        Assert.All(hops, hop =>
        {
            Assert.False(string.IsNullOrEmpty(hop.Silo));
            Assert.Equal("clean", hop.Verdict);
            Assert.False(string.IsNullOrEmpty(hop.SignatureVersion));
        });
    }

    [Fact]
    public async Task All_reaches_every_team_but_the_sender() => await AssertReachesAsync(4, "all", n => true);

    [Theory]
    [InlineData(0, "QA")] // the sender has that function itself
    [InlineData(1, "Ops")]
    public async Task A_function_reaches_every_team_of_it_but_the_sender(int from, string function) =>
        await AssertReachesAsync(from, $"function:{function}", n => Organisation.FunctionOf(n) == function);

    [Theory]
    [InlineData(29, 2)] // from outside into the subtree of node 1
    [InlineData(7, 2)] // from inside it
    [InlineData(6, 0)] // the root: all
    [InlineData(3, 28)] // a leaf: its two teams
    public async Task Below_reaches_every_team_of_the_subtree_but_the_sender(int from, int top) =>
        await AssertReachesAsync(from, $"below:{Organisation.NameOf(top)}", n => Organisation.IsBelow(Organisation.NodeOf(n), Organisation.NodeOf(top)));

    private async Task AssertReachesAsync(int from, string address, Func<int, bool> expected)
    {
        int[] recipients = [.. Enumerable.Range(0, Organisation.Count).Where(n => n != from && expected(n))];
        string text = $"{address} {Guid.NewGuid()}";
        Accepted sent = await Teams.Clients[from].SendAsync(NewMessage.Text(address, text));
        await Teams.Clients[from].UntilStateAsync(sent.Id, "delivered");
        MessageInfo message = await Teams.Clients[from].MessageAsync(sent.Id);
        Assert.Equal(recipients.Select(Organisation.NameOf), message.Deliveries.Select(d => d.Team).Order(StringComparer.Ordinal));

        await Task.WhenAll(recipients.Select(async n =>
        {
            Delivery delivery = Assert.Single(await Teams.Clients[n].LeaseAsync());
            Assert.Equal(text, delivery.Message.Body.GetString());
            Assert.Equal(Organisation.NameOf(from), delivery.Message.From);
            await Teams.Clients[n].AckAsync(delivery.DeliveryId);
        }));
        await AssertEmptyAsync(Teams.Clients[from]);
        await Teams.Clients[from].UntilStateAsync(sent.Id, "acknowledged");
        Assert.All((await Teams.Clients[from].MessageAsync(sent.Id)).Deliveries, d => Assert.NotNull(d.AcknowledgedAt));
    }

    private static IEnumerable<int> WithoutRepeats(int[] nodes) => nodes.Where((node, i) => i == 0 || nodes[i - 1] != node);
}
