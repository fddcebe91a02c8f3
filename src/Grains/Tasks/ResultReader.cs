using System.Security.Cryptography;

namespace ShitOps.Grains.Tasks;

/// <summary>
/// Reads what the messages of one turn need: bodies of the tasks that become ready, results of those they depend on. Opens
/// them in memory; of results it keeps no more than <see cref="KeptBytes"/>, the rest is left out.
/// </summary>
internal sealed class ResultReader(WorkflowServices services)
{
    public const int KeptBytes = 16 * 1024 * 1024;
    private const int BodiesAtATime = 500, ResultsAtATime = 64;

    private readonly Dictionary<Guid, byte[]> _bodies = [];
    private readonly Dictionary<Guid, TaskResult> _results = [];
    private readonly HashSet<Guid> _lost = [];
    private int _kept;
    private bool _full;

    public byte[]? BodyOf(Guid task) => _bodies.GetValueOrDefault(task);

    public bool IsLost(Guid task) => _lost.Contains(task);

    public TaskResult ResultOf(Guid task) => _results[task];

    /// <param name="asked">The sealed bodies of a workflow that is not stored yet, null otherwise.</param>
    public async Task ReadAsync(Turn turn, IReadOnlyList<int> tasks, NewWorkflow? asked)
    {
        if (asked is not null)
        {
            foreach (int task in tasks)
                await KeepBodyAsync(asked.Tasks[task].Id, asked.Tasks[task].SealedBody);
        }
        else
        {
            foreach (int[] some in tasks.Chunk(BodiesAtATime))
            {
                foreach ((Guid task, byte[]? body, _) in await services.Store.ContentsAsync([.. some.Select(turn.Workflow.Graph.IdOf)]))
                    await KeepBodyAsync(task, body);
            }
        }
        Guid[] dependencies = [.. tasks.SelectMany(turn.Workflow.Graph.DependenciesOf).Select(d => d.Task).Distinct()];
        await ReadNamesAsync(turn, dependencies);
        await ReadResultsAsync(turn, dependencies);
    }

    private async Task KeepBodyAsync(Guid task, byte[]? body)
    {
        if (body is not null && await OpenAsync(task, body, part: 0) is { } plain)
            _bodies[task] = plain;
    }

    private async Task ReadNamesAsync(Turn turn, Guid[] dependencies)
    {
        var outside = new List<Guid>();
        foreach (Guid id in dependencies)
        {
            int place = turn.Workflow.Graph.Find(id);
            if (place < 0)
                outside.Add(id);
            else
                _results[id] = new(id, turn.Workflow.Tasks[place].Key, turn.Workflow.Tasks[place].Title, turn.StateOf(place), null, false);
        }
        foreach (Guid[] some in outside.Chunk(BodiesAtATime))
        {
            IReadOnlyDictionary<Guid, (Guid Workflow, TaskState State)> states = await services.Store.StatesAsync(some);
            Dictionary<Guid, (string? Key, string Title)> names = (await services.Store.NamesAsync(some)).ToDictionary(n => n.Task, n => (n.Key, n.Title));
            foreach (Guid id in some)
            {
                (string? key, string title) = names.GetValueOrDefault(id, (null, ""));
                _results[id] = new(id, key, title, states.TryGetValue(id, out (Guid, TaskState State) found) ? found.State : TaskState.Done, null, false);
            }
        }
    }

    private async Task ReadResultsAsync(Turn turn, Guid[] dependencies)
    {
        if (turn.Result is { } fresh && Array.IndexOf(dependencies, turn.Workflow.Graph.IdOf(fresh.Task)) >= 0)
            await KeepResultAsync(turn.Workflow.Graph.IdOf(fresh.Task), fresh.Sealed);
        foreach (Guid[] some in dependencies.Chunk(ResultsAtATime))
        {
            if (_full)
            {
                // Not even looked at: there may be one, for whoever wants to fetch it.
                foreach (Guid task in some)
                    _results[task] = _results[task] with { Omitted = _results[task].Result is null };
                continue;
            }
            foreach ((Guid task, _, byte[]? result) in await services.Store.ContentsAsync(some))
            {
                if (result is not null && _results[task].Result is null)
                    await KeepResultAsync(task, result);
            }
        }
    }

    private async Task KeepResultAsync(Guid task, byte[] result)
    {
        _full |= _kept + result.Length > KeptBytes;
        byte[]? plain = _full ? null : await OpenAsync(task, result, part: 1);
        _kept += plain?.Length ?? 0;
        _results[task] = _results[task] with { Result = plain, Omitted = plain is null };
    }

    private async ValueTask<byte[]?> OpenAsync(Guid task, byte[] body, int part)
    {
        try
        {
            return await services.Opener.OpenAsync(body, task, part);
        }
        catch (CryptographicException error)
        {
            // It was changed in the database, or its key is gone: the task goes on, and says what is missing.
            TaskLog.DoesNotOpen(services.Log, task, error);
            _lost.Add(task);
            return null;
        }
    }
}
