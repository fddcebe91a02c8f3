using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Tasks;

/// <summary>
/// One change of a workflow as it is put together: what to store, in one transaction, and what to remember once it is
/// stored. Nothing in memory changes before.
/// </summary>
internal sealed class Turn(Workflow workflow, DateTimeOffset now, string? actor)
{
    private readonly List<Change> _changes = [];
    private readonly Dictionary<int, TaskState> _states = [];
    private readonly Dictionary<int, string> _assignees = [];
    private readonly List<int> _overdue = [];
    private Effect _effect = Effect.None;

    public Workflow Workflow => workflow;
    public DateTimeOffset Now => now;

    /// <summary>Tasks whose message is still to be written.</summary>
    public List<int> Deliver { get; } = [];

    /// <summary>The result that the acting task got in this turn: not in the database yet.</summary>
    public (int Task, byte[] Sealed)? Result { get; private set; }

    public bool EndsTasks { get; private set; }

    public bool IsEmpty => _changes.Count == 0;

    public TaskState StateOf(int task) => _states.TryGetValue(task, out TaskState state) ? state : workflow.Progress[task];

    public string AssigneeOf(int task) => _assignees.GetValueOrDefault(task) ?? workflow.Tasks[task].Assignee;

    public IReadOnlyList<Change> Changes(bool withFence) =>
        withFence ? [new RaiseWorkflow(workflow.Id, workflow.Version), .. _changes] : _changes;

    public void Add(Change change) => _changes.Add(change);

    /// <summary>Moves one task by an action; what follows from its end comes along.</summary>
    public void Move(int task, TaskState to, string eventType, string? reason, TaskCommand command)
    {
        WorkflowTask it = workflow.Tasks[task];
        _states[task] = to;
        if (command.SealedResult is { } result)
            Result = (task, result);
        _changes.Add(new MoveTasks([it.Id], MoveTasks.States(workflow.Progress[task]), to, now, reason)
        {
            SealedResult = command.SealedResult,
            Events = [Event(eventType, task, reason) with { Size = command.SealedResult is null ? null : command.ResultSize, Sha256 = command.ResultSha256 }],
        });
        if (!to.IsOpen())
        {
            EndsTasks = true;
            Spread(workflow.Progress.Ended(task, to), store: true);
        }
    }

    /// <summary>Gives the task to another team, which gets it anew if it was delivered already.</summary>
    public void Reassign(int task, string to, string? reason)
    {
        WorkflowTask it = workflow.Tasks[task];
        _assignees[task] = to;
        string from = "from " + it.Assignee;
        _changes.Add(new AssignTask(it.Id, it.Assignee, to) { Events = [Event(EventTypes.TaskReassigned, task, reason is null ? from : $"{from}: {reason}")] });
        if (StateOf(task) == TaskState.Started)
        {
            _states[task] = TaskState.Ready;
            _changes.Add(new MoveTasks([it.Id], MoveTasks.States(TaskState.Started), TaskState.Ready, now));
        }
        if (StateOf(task) == TaskState.Ready)
            Deliver.Add(task);
    }

    /// <summary>Takes in what the end of tasks does to others.</summary>
    /// <param name="store">False while the workflow is created: its tasks are stored in these states.</param>
    /// <param name="outsideNames">Names of tasks of other workflows, for the reason.</param>
    public void Spread(Effect effect, bool store, IReadOnlyDictionary<Guid, string>? outsideNames = null)
    {
        _effect = effect;
        foreach (int task in effect.Ready)
            _states[task] = TaskState.Ready;
        foreach ((int task, _) in effect.Failed)
            _states[task] = TaskState.Failed;
        EndsTasks |= effect.Failed.Count > 0;
        Deliver.AddRange(effect.Ready);
        if (!store)
            return;
        if (effect.Ready.Count > 0)
            _changes.Add(new MoveTasks(Ids(effect.Ready), MoveTasks.States(TaskState.Blocked), TaskState.Ready, now) { Events = [.. effect.Ready.Select(i => Event(EventTypes.TaskReady, i))] });
        foreach (IGrouping<Origin, int> failed in effect.Failed.GroupBy(f => f.Origin, f => f.Task))
        {
            string reason = Reason(failed.Key, outsideNames);
            _changes.Add(new MoveTasks(Ids(failed), MoveTasks.States(TaskState.Blocked), TaskState.Failed, now, reason)
            {
                Events = [.. failed.Select(i => Event(EventTypes.TaskFailed, i, reason))],
            });
        }
        foreach ((Guid outside, TaskState state) in effect.Outside)
        {
            foreach (OnDependencyFailure onFailure in workflow.Graph.DependentsOf(outside).Select(d => d.OnFailure).Distinct())
                _changes.Add(new SetEdges(workflow.Id, outside, onFailure, EdgeOf(state, onFailure)));
        }
    }

    public void MarkOverdue(IReadOnlyList<int> tasks, IEnumerable<JournalEvent> events)
    {
        _overdue.AddRange(tasks);
        _changes.Add(new MarkOverdue(Ids(tasks)) { Events = [.. events] });
    }

    /// <summary>It is stored: from now on it is so.</summary>
    public void Remember()
    {
        workflow.Progress.Apply(_effect);
        foreach ((int task, TaskState state) in _states)
            workflow.Progress.Set(task, state);
        foreach ((int task, string team) in _assignees)
            workflow.Tasks[task].Assignee = team;
        foreach (int task in _overdue)
            workflow.Tasks[task].Overdue = true;
    }

    public JournalEvent Event(string type, int task, string? reason = null) => new(type, now)
    {
        Reference = workflow.Tasks[task].Id,
        From = workflow.Creator,
        Team = AssigneeOf(task),
        Actor = actor,
        Reason = reason,
        TraceParent = workflow.TraceParent,
    };

    /// <summary>Why a task fails with another: names the one whose end began it.</summary>
    public string Reason(Origin origin, IReadOnlyDictionary<Guid, string>? outsideNames)
    {
        int place = workflow.Graph.Find(origin.Task);
        string name = place >= 0 ? workflow.Tasks[place].Name : outsideNames?.GetValueOrDefault(origin.Task) ?? origin.Task.ToString();
        return (origin.State == TaskState.Cancelled ? "dependency_cancelled: " : "dependency_failed: ") + name;
    }

    public static EdgeState EdgeOf(TaskState state, OnDependencyFailure onFailure) =>
        state.IsOpen() ? EdgeState.Open : state == TaskState.Done || onFailure == OnDependencyFailure.Ignore ? EdgeState.Met : EdgeState.Broken;

    private Guid[] Ids(IEnumerable<int> tasks) => [.. tasks.Select(i => workflow.Tasks[i].Id)];
}
