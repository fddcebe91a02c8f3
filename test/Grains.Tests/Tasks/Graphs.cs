using CsCheck;
using ShitOps.Grains.Tasks;

namespace ShitOps.Grains.Tests.Tasks;

/// <summary>A graph of tasks for tests: <paramref name="Edges"/> by the place of the dependent.</summary>
public sealed record TestGraph(Guid[] Ids, TaskDependency[][] Edges)
{
    public WorkflowGraph Build() => new([.. Ids.Zip(Edges, (id, edges) => (id, (IReadOnlyList<TaskDependency>)edges))]);

    public Progress Blocked(WorkflowGraph graph) => new(graph, new TaskState[Ids.Length], static (_, _) => true);

    public static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    /// <summary>Without rings: each depends on earlier ones, in shuffled order; some on tasks of other workflows, numbered from 1,000,000.</summary>
    public static Gen<TestGraph> Random(int most) => Gen.Int[1, most].SelectMany(count =>
        Gen.Select(
            Gen.Shuffle(Enumerable.Range(0, count).ToArray()),
            Gen.Select(Gen.Int[0, 1_000_000], Gen.Bool).Array[0, 4].Array[count],
            Gen.Select(Gen.Int[0, 5], Gen.Bool).Array[0, 1].Array[count]).Select((order, inside, outside) =>
            {
                var edges = new TaskDependency[count][];
                for (int rank = 0; rank < count; rank++)
                {
                    IEnumerable<TaskDependency> own = rank == 0 ? [] : inside[rank].Select(e => Edge(order[e.Item1 % rank], e.Item2));
                    edges[order[rank]] = [.. own.Concat(outside[rank].Select(e => Edge(1_000_000 + e.Item1, e.Item2))).DistinctBy(e => e.Task)];
                }
                return new TestGraph([.. Enumerable.Range(0, count).Select(Id)], edges);
            }));

    public static TaskDependency Edge(int task, bool ignore = false) => new(Id(task), ignore ? OnDependencyFailure.Ignore : OnDependencyFailure.Fail);
}
