using ShitOps.Grains.Journal;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tasks;

/// <summary>Puts a new workflow together: checked, scanned, with the messages of the tasks that are ready at once.</summary>
internal sealed class Creating(WorkflowServices services, NewWorkflow asked, Func<long> nextSequence)
{
    private const int ViewsAtATime = 16;

    /// <summary>Why not; null while nothing speaks against it.</summary>
    public CreateWorkflowReply? Refusal { get; private set; }

    public Workflow Workflow { get; private set; } = null!;

    public IReadOnlySet<NodeKey> Hubs { get; private set; } = new HashSet<NodeKey>();

    /// <returns>What to store as a whole; empty if it is refused.</returns>
    public async Task<IReadOnlyList<Change>> PrepareAsync()
    {
        DateTimeOffset now = services.Time.GetUtcNow();
        Routes routes = await services.RoutesAsync(asked.Tasks.Select(t => t.Assignee).Append(asked.Creator).Distinct());
        Dictionary<Guid, TaskView> outside = await OutsideAsync();
        if (WorkflowCheck.Check(asked, team => routes.Snapshot.Find(team) is not null, outside.Keys.ToHashSet(), now) is { Count: > 0 } faults)
            return Refuse(CreateWorkflowStatus.Invalid, [.. faults]);
        if (await ScanAsync() is { } refusal)
            return Refuse(refusal.Status, refusal.Faults);

        Workflow = Workflow.From(asked);
        Effect begin = Workflow.Progress.Begin(outside.ToDictionary(o => o.Key, o => o.Value.State));
        var turn = new Turn(Workflow, now, "team:" + asked.Creator);
        turn.Spread(begin, store: false);
        turn.Add(Insert(turn, begin, outside));
        var messages = new TaskMessages(services, routes, turn, nextSequence);
        await messages.DeliverAsync(asked);
        Hubs = messages.Hubs;
        turn.Remember();
        return turn.Changes(withFence: false);
    }

    private IReadOnlyList<Change> Refuse(CreateWorkflowStatus status, TaskFault[] faults)
    {
        Refusal = new(status, faults, null);
        return [];
    }

    /// <summary>
    /// The tasks of other workflows depended on, as far as the creator has a part in them: their results are handed on, and
    /// whoever has no part in a task does not learn that it exists.
    /// </summary>
    private async Task<Dictionary<Guid, TaskView>> OutsideAsync()
    {
        IReadOnlyList<Guid> ids = WorkflowCheck.Outside(asked);
        var found = new Dictionary<Guid, TaskView>();
        // More than a task may have are surely not meant; beyond, they count as unknown.
        foreach (Guid[] some in ids.Take(Limits.TaskDependencies).Chunk(ViewsAtATime))
        {
            foreach (TaskView? view in await Task.WhenAll(some.Select(id => services.Store.ViewAsync(id))))
            {
                if (view is not null && (view.Creator == asked.Creator || view.Assignee == asked.Creator))
                    found.Add(view.Id, view);
            }
        }
        return found;
    }

    private async Task<(CreateWorkflowStatus Status, TaskFault[] Faults)?> ScanAsync()
    {
        int[] places = [.. Enumerable.Range(0, asked.Tasks.Length).Where(i => asked.Tasks[i].SealedBody is not null)];
        ScanOutcome outcome = await new TaskScans(services).ScanAsync([.. places.Select(i => asked.Tasks[i]).Select(t => new TaskScans.Content(
            new MessageContent(t.Id, t.Sha256!, BodyKind.Json, t.SealedBody, t.Title, []), t.Size, asked.Creator, t.Assignee, "team:" + asked.Creator, asked.TraceParent))]);
        if (!outcome.Available)
            return (CreateWorkflowStatus.ScannerUnavailable, []);
        return outcome.Bad.Count == 0 ? null
            : (CreateWorkflowStatus.Infected, [.. outcome.Bad.Select(b => new TaskFault(places[b.Place], "body", TaskScans.Word(b.Verdict), b.Verdict.Detail ?? TaskScans.Word(b.Verdict)))]);
    }

    private InsertWorkflow Insert(Turn turn, Effect begin, Dictionary<Guid, TaskView> outside)
    {
        Dictionary<Guid, string> names = outside.ToDictionary(o => o.Key, o => o.Value.Key ?? o.Key.ToString());
        Dictionary<int, string> reasons = begin.Failed.ToDictionary(f => f.Task, f => turn.Reason(f.Origin, names));
        var rows = new TaskRow[asked.Tasks.Length];
        var events = new List<JournalEvent>(2 * rows.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            NewTask task = asked.Tasks[i];
            TaskState state = turn.StateOf(i);
            string? reason = reasons.GetValueOrDefault(i);
            rows[i] = new TaskRow(task, state, reason, [.. task.DependsOn.Select(d => outside.TryGetValue(d.Task, out TaskView? other)
                ? new EdgeRow(d.Task, d.OnFailure, Turn.EdgeOf(other.State, d.OnFailure), External: true)
                : new EdgeRow(d.Task, d.OnFailure, EdgeState.Open, External: false))]);
            events.Add(turn.Event(EventTypes.TaskCreated, i) with { Size = task.SealedBody is null ? null : task.Size, Sha256 = task.Sha256 });
            if (state != TaskState.Blocked)
                events.Add(turn.Event(state == TaskState.Ready ? EventTypes.TaskReady : EventTypes.TaskFailed, i, reason));
        }
        return new InsertWorkflow(asked.Id, asked.Name, asked.Creator, asked.RequestDigest, asked.TraceParent, turn.Now, rows) { Events = events };
    }
}
