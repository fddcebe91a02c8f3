using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Tests.Store;

/// <summary>Changes of tasks as workflow grains make them.</summary>
internal static class MakeTask
{
    public static TaskRow Row(string assignee, TaskState state = TaskState.Ready, string? key = null, DateTimeOffset? due = null, params EdgeRow[] edges)
    {
        var task = new NewTask
        {
            Id = Guid.CreateVersion7(),
            Key = key,
            Title = "Prüfen 😀 " + key,
            Assignee = assignee,
            SealedBody = [1, 2, 3],
            Size = 2,
            Sha256 = new byte[32],
            DueAt = due,
            DependsOn = [.. edges.Select(edge => new TaskDependency(edge.DependsOn, edge.OnFailure))],
        };
        return new(task, state, null, edges);
    }

    public static EdgeRow On(TaskRow other, OnDependencyFailure onFailure = OnDependencyFailure.Fail, bool external = false, EdgeState state = EdgeState.Open) =>
        new(other.Task.Id, onFailure, state, external);

    public static InsertWorkflow Workflow(string creator, params TaskRow[] tasks) => Workflow(Guid.CreateVersion7(), creator, Make.Now, tasks);

    public static InsertWorkflow Workflow(Guid id, string creator, DateTimeOffset at, params TaskRow[] tasks) =>
        new(id, "Auslieferung", creator, [.. Enumerable.Repeat((byte)5, 32)], "00-trace", at, tasks)
        {
            Events = [.. tasks.Select(row => Told(EventTypes.TaskCreated, row.Task.Id, 0))],
        };

    public static MoveTasks Move(TaskState from, TaskState to, params TaskRow[] tasks) => new([.. tasks.Select(row => row.Task.Id)], MoveTasks.States(from), to, Make.Now.AddSeconds((int)to))
    {
        Events = [.. tasks.Select(row => Told("task." + to.ToString().ToLowerInvariant(), row.Task.Id, (int)to))],
    };

    public static JournalEvent Told(string type, Guid task, int second) => new(type, Make.Now.AddSeconds(second)) { Reference = task, Silo = "silo-1" };
}
