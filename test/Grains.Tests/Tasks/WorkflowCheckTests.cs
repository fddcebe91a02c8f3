using CsCheck;
using ShitOps.Grains.Tasks;

namespace ShitOps.Grains.Tests.Tasks;

public sealed class WorkflowCheckTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);

    private static NewTask Make(int number, string? key, params int[] dependsOn) => new()
    {
        Id = TestGraph.Id(number),
        Key = key,
        Title = "Task",
        Assignee = "qa",
        DependsOn = [.. dependsOn.Select(d => TestGraph.Edge(d))],
    };

    private static NewWorkflow Workflow(params NewTask[] tasks) =>
        new() { Id = TestGraph.Id(900), Creator = "dev", Tasks = tasks, RequestDigest = new byte[32] };

    private static (int, string, string)[] Faults(NewWorkflow workflow, params int[] outside) =>
        [.. WorkflowCheck.Check(workflow, name => name is "dev" or "qa", outside.Select(TestGraph.Id).ToHashSet(), Now).Select(f => (f.Task, f.Field, f.Code))];

    [Fact]
    public void What_is_sound_has_no_faults() =>
        Assert.Empty(Faults(Workflow(Make(1, "a"), Make(2, "b", 1), Make(3, "c", 1, 2, 50) with { DueAt = Now.AddSeconds(1) }), outside: 50));

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        NewWorkflow workflow = Workflow(
            Make(1, "a", 1), Make(2, "a", 77), Make(3, "c", 1, 1) with { Assignee = "nobody" }, Make(4, "d") with { DueAt = Now });
        Assert.Equal(
            [
                (-1, "creator", "unknown_team"), (1, "key", "duplicate_key"), (2, "assignee", "unknown_team"), (3, "dueAt", "in_past"),
                (0, "dependsOn", "self_dependency"), (1, "dependsOn", "unknown_dependency"), (2, "dependsOn", "duplicate_dependency"),
            ], Faults(workflow with { Creator = "gone" }));
    }

    [Fact]
    public void A_ring_is_named_by_its_keys_in_order()
    {
        TaskFault fault = Assert.Single(WorkflowCheck.Check(
            Workflow(Make(1, "free"), Make(2, "a", 3, 1), Make(3, "b", 4), Make(4, "c", 2)), _ => true, new HashSet<Guid>(), Now));
        Assert.Equal(("cycle", "dependsOn", "a → b → c → a"), (fault.Code, fault.Field, fault.Detail));
        Assert.Equal(1, fault.Task);
    }

    [Fact]
    public void A_ring_of_two_is_named_too() => Assert.Equal("a → b → a",
        Assert.Single(WorkflowCheck.Check(Workflow(Make(1, "a", 2), Make(2, "b", 1)), _ => true, new HashSet<Guid>(), Now)).Detail);

    [Fact]
    public void Ids_and_numbers_beyond_bounds_are_refused()
    {
        Assert.Contains((1, "id", "duplicate_id"), Faults(Workflow(Make(1, "a"), Make(1, "b"))));
        int[] many = [.. Enumerable.Range(100, Limits.TaskDependencies + 1)];
        Assert.Equal([(0, "dependsOn", "too_many")], Faults(Workflow(Make(1, "a", many)), many));
        Assert.Equal([(-1, "tasks", "too_many")], Faults(Workflow([.. Enumerable.Range(0, 101).Select(i => Make(i, null, many[..1_000]))])));
        Assert.Equal([(-1, "tasks", "too_many")], Faults(Workflow([.. Enumerable.Range(0, Limits.WorkflowTasks + 1).Select(i => Make(i, null))])));
    }

    [Fact]
    public void Of_other_workflows_are_those_dependencies_that_are_no_task_of_the_request() =>
        Assert.Equal([TestGraph.Id(50), TestGraph.Id(51)], WorkflowCheck.Outside(Workflow(Make(1, "a", 50), Make(2, "b", 1, 51, 50))));

    [Fact]
    public void Random_graphs_without_rings_have_no_faults() => TestGraph.Random(30).Sample(test =>
    {
        NewWorkflow workflow = Workflow([.. test.Ids.Select((id, i) => Make(0, $"t{i}") with { Id = id, DependsOn = test.Edges[i] })]);
        Assert.Empty(WorkflowCheck.Check(workflow, _ => true, WorkflowCheck.Outside(workflow).ToHashSet(), Now));
    });
}
