using ShitOps.Grains.Journal;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tasks;

/// <summary>Puts together what has changed outside: tasks of other workflows that ended, due times that passed.</summary>
internal sealed class Sweeping(WorkflowServices services, Workflow workflow, Func<long> nextSequence)
{
    /// <summary>Overdue tasks taken in one transaction.</summary>
    private const int OverdueAtATime = 500, StatesAtATime = 1_000;

    public IReadOnlySet<NodeKey> Hubs { get; private set; } = new HashSet<NodeKey>();

    /// <returns>Null if nothing has.</returns>
    public async Task<Turn?> PrepareAsync()
    {
        var turn = new Turn(workflow, services.Time.GetUtcNow(), actor: null);
        Routes routes = await services.RoutesAsync([]);
        var messages = new TaskMessages(services, routes, turn, nextSequence);
        await TakeInOutsideAsync(turn);
        await messages.DeliverAsync();
        await TellOverdueAsync(turn, messages, routes);
        Hubs = messages.Hubs;
        return turn.IsEmpty ? null : turn;
    }

    private async Task TakeInOutsideAsync(Turn turn)
    {
        var ended = new Dictionary<Guid, TaskState>();
        foreach (Guid[] some in workflow.Progress.Outside.Chunk(StatesAtATime))
        {
            foreach ((Guid task, (_, TaskState state)) in await services.Store.StatesAsync(some))
            {
                if (!state.IsOpen())
                    ended.Add(task, state);
            }
        }
        Effect effect = workflow.Progress.OutsideEnded(ended);
        if (effect.Outside.Count == 0)
            return;
        Guid[] origins = [.. effect.Failed.Select(f => f.Origin.Task).Distinct()];
        Dictionary<Guid, string> names = origins.Length == 0 ? []
            : (await services.Store.NamesAsync(origins)).ToDictionary(n => n.Task, n => n.Key ?? n.Task.ToString());
        turn.Spread(effect, store: true, names);
    }

    private async Task TellOverdueAsync(Turn turn, TaskMessages messages, Routes routes)
    {
        int[] due = [.. Enumerable.Range(0, workflow.Tasks.Count)
            .Where(i => turn.StateOf(i).IsOpen() && !workflow.Tasks[i].Overdue && workflow.Tasks[i].DueAt <= turn.Now).Take(OverdueAtATime)];
        if (due.Length == 0)
            return;
        var events = new List<JournalEvent>();
        var told = new List<(string What, int Task, string Team)>();
        foreach (int task in due)
        {
            string assignee = workflow.Tasks[task].Assignee;
            events.Add(turn.Event(EventTypes.TaskOverdue, task));
            told.Add(("overdue", task, assignee));
            (int node, IReadOnlyList<string> teams) = Escalation.Of(routes.Snapshot, assignee);
            if (teams.Count == 0)
                continue;
            events.Add(turn.Event(EventTypes.TaskEscalated, task, "to " + string.Join(", ", teams)) with { Node = node });
            told.AddRange(teams.Select(team => ("escalated", task, team)));
        }
        turn.MarkOverdue(due, events);
        foreach ((string what, int task, string team) in told)
            await messages.NotifyAsync(what, task, team);
    }
}
