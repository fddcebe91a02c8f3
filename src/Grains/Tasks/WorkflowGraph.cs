namespace ShitOps.Grains.Tasks;

/// <summary>
/// Who depends on whom in one workflow. Immutable; everything here is linear in tasks and edges. Tasks go by their place;
/// tasks of other workflows by their id.
/// </summary>
public sealed class WorkflowGraph
{
    /// <summary>A task that depends on another, and what that one's failure does to it.</summary>
    public readonly record struct Dependent(int Task, OnDependencyFailure OnFailure);

    private readonly Guid[] _ids;
    private readonly IReadOnlyList<TaskDependency>[] _dependencies;
    private readonly Dictionary<Guid, int> _places;
    private readonly List<Dependent>?[] _dependents;
    private readonly Dictionary<Guid, List<Dependent>> _outside = [];

    /// <param name="tasks">With ids that are distinct, and dependencies that are distinct for each task.</param>
    public WorkflowGraph(IReadOnlyList<(Guid Id, IReadOnlyList<TaskDependency> DependsOn)> tasks)
    {
        _ids = [.. tasks.Select(t => t.Id)];
        _dependencies = [.. tasks.Select(t => t.DependsOn)];
        _places = new(_ids.Length);
        for (int i = 0; i < _ids.Length; i++)
            _places.Add(_ids[i], i);
        _dependents = new List<Dependent>?[_ids.Length];
        for (int i = 0; i < _ids.Length; i++)
        {
            foreach (TaskDependency dependency in _dependencies[i])
            {
                if (!_places.TryGetValue(dependency.Task, out int place))
                    (_outside.TryGetValue(dependency.Task, out List<Dependent>? known) ? known : _outside[dependency.Task] = []).Add(new(i, dependency.OnFailure));
                else
                    (_dependents[place] ??= []).Add(new(i, dependency.OnFailure));
            }
        }
    }

    public int Count => _ids.Length;

    /// <summary>−1: not of this workflow.</summary>
    public int Find(Guid task) => _places.GetValueOrDefault(task, -1);

    public Guid IdOf(int task) => _ids[task];

    public IReadOnlyList<TaskDependency> DependenciesOf(int task) => _dependencies[task];

    public IReadOnlyList<Dependent> DependentsOf(int task) => _dependents[task] ?? (IReadOnlyList<Dependent>)[];

    /// <summary>The tasks here that depend on that task of another workflow.</summary>
    public IReadOnlyList<Dependent> DependentsOf(Guid outside) => _outside.TryGetValue(outside, out List<Dependent>? known) ? known : [];

    /// <summary>The tasks of other workflows that tasks here depend on.</summary>
    public IReadOnlyCollection<Guid> Outside => _outside.Keys;

    /// <summary>
    /// Tasks each of which depends on the next, the last on the first; empty if there is no such ring. Depth first, on a
    /// stack of its own, since a chain may be as long as the workflow.
    /// </summary>
    /// <param name="work">Tasks and edges looked at.</param>
    public IReadOnlyList<int> FindCycle(out long work)
    {
        work = 0;
        var next = new int[Count]; // How many of its dependencies were looked at; −1 once all that it leads to is known to be free of rings.
        var onPath = new bool[Count];
        var path = new Stack<int>();
        for (int start = 0; start < Count; start++)
        {
            if (next[start] < 0)
                continue;
            path.Push(start);
            onPath[start] = true;
            while (path.TryPeek(out int task))
            {
                work++;
                if (next[task] == _dependencies[task].Count)
                {
                    next[task] = -1;
                    onPath[task] = false;
                    path.Pop();
                    continue;
                }
                int dependency = Find(_dependencies[task][next[task]++].Task);
                if (dependency < 0 || next[dependency] < 0)
                    continue;
                if (onPath[dependency])
                    return [dependency, .. path.TakeWhile(t => t != dependency).Reverse()];
                path.Push(dependency);
                onPath[dependency] = true;
            }
        }
        return [];
    }
}
