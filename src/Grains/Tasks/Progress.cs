namespace ShitOps.Grains.Tasks;

/// <summary>Which task's end made others fail.</summary>
/// <param name="State">Failed or cancelled.</param>
public readonly record struct Origin(Guid Task, TaskState State);

/// <summary>What the end of tasks does to those that depend on them. Nothing has changed yet: <see cref="Progress.Apply"/> does that.</summary>
/// <param name="Ready">Blocked tasks all of whose dependencies are met now, each once.</param>
/// <param name="Failed">Blocked tasks that fail with a dependency, directly or by way of others, each once, with the end that began it.</param>
/// <param name="Settled">How many dependencies of which task are decided by this.</param>
/// <param name="Outside">Tasks of other workflows whose end was taken in.</param>
/// <param name="Work">Edges looked at.</param>
public sealed record Effect(
    IReadOnlyList<int> Ready, IReadOnlyList<(int Task, Origin Origin)> Failed, IReadOnlyDictionary<int, int> Settled, IReadOnlyList<(Guid Task, TaskState State)> Outside, long Work)
{
    public static readonly Effect None = new([], [], new Dictionary<int, int>(), [], 0);
}

/// <summary>
/// How far a workflow is: the state of every task, and how many of its dependencies are undecided. A task that ends costs
/// as much as it has dependents, and those that fail with it theirs.
/// </summary>
public sealed class Progress
{
    private readonly WorkflowGraph _graph;
    private readonly TaskState[] _states;
    private readonly int[] _undecided;
    private readonly HashSet<Guid> _outside = [];

    /// <param name="states">By place.</param>
    /// <param name="outsideOpen">Whether the task at that place still waits for that task of another workflow.</param>
    public Progress(WorkflowGraph graph, IReadOnlyList<TaskState> states, Func<int, Guid, bool> outsideOpen)
    {
        _graph = graph;
        _states = [.. states];
        _undecided = new int[graph.Count];
        for (int i = 0; i < graph.Count; i++)
        {
            foreach (TaskDependency dependency in graph.DependenciesOf(i))
            {
                int place = graph.Find(dependency.Task);
                bool open = place >= 0 ? _states[place].IsOpen() : outsideOpen(i, dependency.Task);
                if (!open)
                    continue;
                _undecided[i]++;
                if (place < 0)
                    _outside.Add(dependency.Task);
            }
        }
    }

    public TaskState this[int task] => _states[task];

    /// <summary>Tasks of other workflows that are still waited for.</summary>
    public IReadOnlyCollection<Guid> Outside => _outside;

    /// <summary>The first step of a new workflow: what waits for nothing is ready, what others ended before may be ready or fail.</summary>
    public Effect Begin(IReadOnlyDictionary<Guid, TaskState> outside)
    {
        Effect effect = OutsideEnded(outside);
        int[] free = [.. Enumerable.Range(0, _graph.Count).Where(i => _states[i] == TaskState.Blocked && _undecided[i] == 0)];
        return effect with { Ready = [.. free, .. effect.Ready] };
    }

    /// <summary>A task of this workflow ends.</summary>
    public Effect Ended(int task, TaskState state) =>
        Spread([(_graph.DependentsOf(task), new Origin(_graph.IdOf(task), state))], ending: task, []);

    /// <summary>Tasks of other workflows have ended; those not waited for, or still open, are passed over.</summary>
    public Effect OutsideEnded(IReadOnlyDictionary<Guid, TaskState> states)
    {
        (Guid, TaskState)[] ended = [.. _outside.Where(id => states.TryGetValue(id, out TaskState state) && !state.IsOpen()).Select(id => (id, states[id]))];
        return ended.Length == 0 ? Effect.None : Spread(ended.Select(e => (_graph.DependentsOf(e.Item1), new Origin(e.Item1, e.Item2))), ending: -1, ended);
    }

    public void Apply(Effect effect)
    {
        foreach ((int task, int count) in effect.Settled)
            _undecided[task] -= count;
        foreach (int task in effect.Ready)
            _states[task] = TaskState.Ready;
        foreach ((int task, _) in effect.Failed)
            _states[task] = TaskState.Failed;
        foreach ((Guid task, _) in effect.Outside)
            _outside.Remove(task);
    }

    public void Set(int task, TaskState state) => _states[task] = state;

    private Effect Spread(
        IEnumerable<(IReadOnlyList<WorkflowGraph.Dependent> Dependents, Origin Origin)> ends, int ending, IReadOnlyList<(Guid, TaskState)> outside)
    {
        var ready = new List<int>();
        var failed = new List<(int, Origin)>();
        var failing = new HashSet<int>();
        var settled = new Dictionary<int, int>();
        long work = 0;
        var queue = new Queue<(IReadOnlyList<WorkflowGraph.Dependent> Dependents, Origin Origin)>(ends);
        while (queue.TryDequeue(out (IReadOnlyList<WorkflowGraph.Dependent> Dependents, Origin Origin) end))
        {
            foreach ((int task, OnDependencyFailure onFailure) in end.Dependents)
            {
                work++;
                int count = settled[task] = settled.GetValueOrDefault(task) + 1;
                if (task == ending || _states[task] != TaskState.Blocked || failing.Contains(task))
                    continue;
                if (end.Origin.State != TaskState.Done && onFailure == OnDependencyFailure.Fail)
                {
                    failing.Add(task);
                    failed.Add((task, end.Origin));
                    queue.Enqueue((_graph.DependentsOf(task), end.Origin));
                }
                else if (count == _undecided[task])
                {
                    // All its dependencies are looked at, so none can make it fail any more.
                    ready.Add(task);
                }
            }
        }
        return new(ready, failed, settled, outside, work);
    }
}
