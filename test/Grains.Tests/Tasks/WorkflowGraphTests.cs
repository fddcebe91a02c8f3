using CsCheck;
using ShitOps.Grains.Tasks;

namespace ShitOps.Grains.Tests.Tasks;

public sealed class WorkflowGraphTests
{
    [Fact]
    public void A_graph_without_a_ring_has_none_and_each_edge_is_looked_at_once() => TestGraph.Random(40).Sample(test =>
    {
        Assert.Empty(test.Build().FindCycle(out long work));
        Assert.Equal(test.Ids.Length + test.Edges.Sum(e => e.Length), work);
    });

    [Fact]
    public void A_ring_that_is_put_in_is_found_and_each_of_its_tasks_depends_on_the_next() =>
        Gen.Select(TestGraph.Random(40), Gen.Int[0, 1_000], Gen.Int[1, 20]).Sample((test, start, length) =>
        {
            int[] ring = [.. Enumerable.Range(start, Math.Min(length, test.Ids.Length)).Select(i => i % test.Ids.Length)];
            for (int i = 0; i < ring.Length; i++)
                test.Edges[ring[i]] = [.. test.Edges[ring[i]].Append(TestGraph.Edge(ring[(i + 1) % ring.Length])).DistinctBy(e => e.Task)];
            WorkflowGraph graph = test.Build();
            IReadOnlyList<int> found = graph.FindCycle(out long work);
            Assert.NotEmpty(found);
            Assert.Equal(found.Count, found.Distinct().Count());
            for (int i = 0; i < found.Count; i++)
                Assert.Contains(graph.IdOf(found[(i + 1) % found.Count]), graph.DependenciesOf(found[i]).Select(d => d.Task));
            Assert.True(work <= test.Ids.Length + test.Edges.Sum(e => e.Length));
        });

    [Fact]
    public void Dependents_are_the_edges_read_backwards() => TestGraph.Random(40).Sample(test =>
    {
        WorkflowGraph graph = test.Build();
        var forwards = test.Edges.SelectMany((edges, task) => edges.Select(e => (e.Task, Dependent: task, e.OnFailure))).ToHashSet();
        var backwards = Enumerable.Range(0, graph.Count).SelectMany(i => graph.DependentsOf(i).Select(d => (graph.IdOf(i), d.Task, d.OnFailure)))
            .Concat(graph.Outside.SelectMany(id => graph.DependentsOf(id).Select(d => (id, d.Task, d.OnFailure)))).ToHashSet();
        Assert.Equal(forwards, backwards);
    });
}
