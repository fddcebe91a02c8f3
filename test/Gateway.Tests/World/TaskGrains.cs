using Orleans.Concurrency;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.World;

public sealed class TestWorkflowGrain(TestWorld world) : Grain, IWorkflowGrain
{
    public Task<CreateWorkflowReply> Create(NewWorkflow workflow)
    {
        world.Creates.Enqueue(workflow);
        if (world.NextCreates.TryDequeue(out Func<CreateWorkflowReply>? ordered))
            return Task.FromResult(ordered());
        if (world.Workflows.TryGetValue(workflow.Id, out (NewWorkflow Asked, WorkflowView View) known))
        {
            bool same = known.Asked.RequestDigest.AsSpan().SequenceEqual(workflow.RequestDigest);
            return Task.FromResult(new CreateWorkflowReply(same ? CreateWorkflowStatus.Repeated : CreateWorkflowStatus.KeyReused, [], same ? known.View : null));
        }
        var view = new WorkflowView
        {
            Id = workflow.Id,
            Name = workflow.Name,
            Creator = workflow.Creator,
            CreatedAt = DateTimeOffset.UnixEpoch,
            Tasks = [.. workflow.Tasks.Select(t => View(workflow, t))],
        };
        world.Workflows[workflow.Id] = (workflow, view);
        return Task.FromResult(new CreateWorkflowReply(CreateWorkflowStatus.Created, [], Bare(view)));
    }

    private static TaskView View(NewWorkflow workflow, NewTask task) => new()
    {
        Id = task.Id,
        Workflow = workflow.Id,
        Key = task.Key,
        Title = task.Title,
        Creator = workflow.Creator,
        Assignee = task.Assignee,
        State = task.DependsOn.Length > 0 ? TaskState.Blocked : TaskState.Ready,
        DueAt = task.DueAt,
        CreatedAt = DateTimeOffset.UnixEpoch,
        SealedBody = task.SealedBody,
        DependsOn = [.. task.DependsOn.Select(d => workflow.Tasks.FirstOrDefault(t => t.Id == d.Task) is { } other
            ? new TaskDependencyView(d.Task, d.OnFailure, other.Key, other.Title, other.Assignee, TaskState.Ready)
            : new TaskDependencyView(d.Task, d.OnFailure, null, "elsewhere", "somebody", TaskState.Ready))],
    };

    public static WorkflowView Bare(WorkflowView view) => view with { Tasks = [.. view.Tasks.Select(t => t with { SealedBody = null, SealedResult = null })] };

    public Task<TaskActReply> Act(TaskCommand command)
    {
        world.Commands.Enqueue(command);
        if (world.NextActs.TryDequeue(out Func<TaskActReply?>? ordered) && ordered() is { } reply)
            return Task.FromResult(reply);
        (NewWorkflow asked, WorkflowView view) = world.Workflows[this.GetPrimaryKey()];
        TaskView task = view.Tasks.Single(t => t.Id == command.Task);
        bool own = command.Caller is null || command.Caller == task.Assignee || (command.Action >= TaskAction.Cancel && command.Caller == task.Creator);
        if (!own)
            return Task.FromResult(new TaskActReply(TaskActStatus.NotAllowed, task));
        if (task.State >= TaskState.Done || (task.State == TaskState.Blocked && command.Action < TaskAction.Cancel) || (task.State == TaskState.Started && command.Action == TaskAction.Start))
            return Task.FromResult(new TaskActReply(TaskActStatus.WrongState, task));
        if (command.Assignee is { } to && world.Tree.Find(to) is null)
            return Task.FromResult(new TaskActReply(TaskActStatus.UnknownTeam, task));
        TaskView after = task with
        {
            State = command.Action switch
            {
                TaskAction.Start => TaskState.Started,
                TaskAction.Complete => TaskState.Done,
                TaskAction.Fail => TaskState.Failed,
                TaskAction.Cancel => TaskState.Cancelled,
                _ => task.State,
            },
            Assignee = command.Assignee ?? task.Assignee,
            Reason = command.Reason,
            SealedResult = command.SealedResult,
        };
        world.Workflows[view.Id] = (asked, view with { Tasks = [.. view.Tasks.Select(t => t.Id == after.Id ? after : t)] });
        return Task.FromResult(new TaskActReply(TaskActStatus.Done, after));
    }

    public Task Wake() => Task.CompletedTask;
}

public sealed class TestTaskGrain(TestWorld world) : Grain, ITaskGrain
{
    private IEnumerable<TaskView> All => world.Workflows.Values.SelectMany(w => w.View.Tasks);

    public Task<TaskView?> Get(Guid task) => Task.FromResult(All.FirstOrDefault(t => t.Id == task));

    public Task<Page<TaskView>> List(TaskQuery query)
    {
        world.Calls.Enqueue($"List {query.Participant} {query.Assignee} {query.State} {query.Workflow} {query.Overdue} {query.Limit}");
        if (query.After == "nonsense")
            throw new FormatException("no cursor");
        TaskView[] found = [.. All.Where(t => (query.Participant is null || t.Creator == query.Participant || t.Assignee == query.Participant)
            && (query.Assignee is null || t.Assignee == query.Assignee) && (query.State is null || t.State == query.State)
            && (query.Workflow is null || t.Workflow == query.Workflow) && (!query.Overdue || t.Overdue)).OrderBy(t => t.Id).Take(query.Limit)];
        return Task.FromResult(new Page<TaskView>(found, found.Length == query.Limit ? "more" : null));
    }

    public Task<WorkflowView?> Workflow(Guid workflow) =>
        Task.FromResult(world.Workflows.TryGetValue(workflow, out (NewWorkflow, WorkflowView View) known) ? TestWorkflowGrain.Bare(known.View) : null);

    public Task<Immutable<EventView[]>> Trace(Guid task) => Task.FromResult(new Immutable<EventView[]>(
        [new EventView { Type = "task.created", At = DateTimeOffset.UnixEpoch, Reference = task, Size = 3, Sha256 = [0xAB], Position = "1-1-0" }]));

    public Task<OpenWork> Open(string team, int limit)
    {
        world.Calls.Enqueue($"Open {team} {limit}");
        return Task.FromResult(world.Open.GetValueOrDefault(team) ?? new OpenWork { Messages = [], Asks = [], Tasks = [.. All.Where(t => t.Assignee == team && t.State < TaskState.Done)] });
    }
}
