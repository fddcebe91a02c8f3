using ShitOps.Grains.Journal;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tasks;

/// <summary>Puts one action on a task together.</summary>
internal sealed class Acting(WorkflowServices services, Workflow workflow, TaskCommand command, Func<long> nextSequence)
{
    /// <summary>Why not, or that there is nothing to do.</summary>
    public TaskActStatus Status { get; private set; }

    public string? Detail { get; private set; }

    public IReadOnlySet<NodeKey> Hubs { get; private set; } = new HashSet<NodeKey>();

    /// <returns>Null if nothing is to be stored; <see cref="Status"/> tells why.</returns>
    public async Task<Turn?> PrepareAsync()
    {
        int task = workflow.Graph.Find(command.Task);
        if (task < 0)
            return Refuse(TaskActStatus.NotFound);
        WorkflowTask it = workflow.Tasks[task];
        TaskState state = workflow.Progress[task];
        TaskDecision decision = TaskRules.Decide(command.Action, state, TaskRules.RolesOf(command.Caller, workflow.Creator, it.Assignee));
        if (decision.Status != TaskActStatus.Done)
            return decision.Status == TaskActStatus.WrongState && await IsRepeatAsync(state) ? null : Refuse(decision.Status);

        Routes routes = await services.RoutesAsync(command.Assignee is { } named ? [named] : []);
        if (command.Action == TaskAction.Reassign && (command.Assignee is null || routes.Snapshot.Find(command.Assignee) is null))
            return Refuse(TaskActStatus.UnknownTeam);
        if (command.Action == TaskAction.Reassign && command.Assignee == it.Assignee)
            return null;
        if (await ScanAsync(it) is { } refusal)
            return Refuse(refusal);

        var turn = new Turn(workflow, services.Time.GetUtcNow(), command.Actor);
        if (command.Action == TaskAction.Reassign)
            turn.Reassign(task, command.Assignee!, command.Reason);
        else
            turn.Move(task, decision.Next, EventOf(command.Action), command.Reason, command);
        var messages = new TaskMessages(services, routes, turn, nextSequence);
        await messages.DeliverAsync();
        // Whoever had it in hand learns that it is gone, unless it was they who gave it away.
        if (state.IsDelivered() && command.Action is TaskAction.Cancel or TaskAction.Reassign && command.Caller != it.Assignee)
            await messages.NotifyAsync(command.Action == TaskAction.Cancel ? "cancelled" : "reassigned", task, it.Assignee, command.Reason);
        Hubs = messages.Hubs;
        return turn;
    }

    private Turn? Refuse(TaskActStatus status)
    {
        Status = status;
        return null;
    }

    /// <summary>
    /// The same call again, after an answer that was lost: no two sealings of a result are alike, so the result tells.
    /// </summary>
    private async Task<bool> IsRepeatAsync(TaskState state)
    {
        bool same = (command.Action, state) is (TaskAction.Complete, TaskState.Done) or (TaskAction.Fail, TaskState.Failed);
        return same && command.SealedResult is { } sent
            && (await services.Store.ContentsAsync([command.Task])) is [{ Result: { } stored }] && stored.AsSpan().SequenceEqual(sent);
    }

    private async Task<TaskActStatus?> ScanAsync(WorkflowTask task)
    {
        if (command.SealedResult is null)
            return null;
        ScanOutcome outcome = await new TaskScans(services).ScanAsync([new(
            new MessageContent(task.Id, command.ResultSha256!, BodyKind.Json, command.SealedResult, null, [], Part: 1),
            command.ResultSize, workflow.Creator, task.Assignee, command.Actor, workflow.TraceParent)]);
        if (!outcome.Available)
            return TaskActStatus.ScannerUnavailable;
        if (outcome.Bad.Count == 0)
            return null;
        Detail = outcome.Bad[0].Verdict.Detail;
        return TaskActStatus.Infected;
    }

    private static string EventOf(TaskAction action) => action switch
    {
        TaskAction.Start => EventTypes.TaskStarted,
        TaskAction.Complete => EventTypes.TaskDone,
        TaskAction.Fail => EventTypes.TaskFailed,
        TaskAction.Cancel => EventTypes.TaskCancelled,
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, null),
    };
}
