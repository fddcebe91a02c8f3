using ShitOps.Grains.Nodes;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tasks;

/// <summary>
/// Puts the messages of one turn into the outbox of the creator's hub: seals each under its own new id, counts the places
/// up. They are scanned and carried like any other; they stand or fall with the turn's transaction.
/// </summary>
internal sealed class TaskMessages(WorkflowServices services, Routes routes, Turn turn, Func<long> nextSequence)
{
    /// <summary>A message is scanned in parts, raw and decoded, that are less than four times its body.</summary>
    public const int MessageBytes = ContentParts.MaxPartBytes / 4;

    /// <summary>What is told of dependencies in all messages of one turn: a task may have thousands of dependents, and those thousands of dependencies.</summary>
    public const int DependencyBytes = 16 * 1024 * 1024;

    /// <summary>Ids, title and due time of the task itself.</summary>
    private const int BytesBesides = 16 * 1024;

    private int _left = DependencyBytes;

    /// <summary>The hubs that have something to carry once it is stored.</summary>
    public HashSet<NodeKey> Hubs { get; } = [];

    /// <summary>One to each task's assignee, with body and results.</summary>
    /// <param name="asked">The workflow with its bodies while it is created.</param>
    public async Task DeliverAsync(NewWorkflow? asked = null)
    {
        if (turn.Deliver.Count == 0)
            return;
        var reader = new ResultReader(services);
        await reader.ReadAsync(turn, turn.Deliver, asked);
        foreach (int task in turn.Deliver)
        {
            WorkflowTask it = turn.Workflow.Tasks[task];
            byte[]? body = reader.BodyOf(it.Id);
            TaskResult[] results = [.. turn.Workflow.Graph.DependenciesOf(task).Select(d => reader.ResultOf(d.Task))];
            int bodyBytes = body?.Length ?? 0;
            int allowed = Math.Min(MessageBytes - BytesBesides - bodyBytes, _left);
            byte[] plain = TaskBodies.Task(
                it, turn.Workflow.Id, body, reader.IsLost(it.Id), results, room: allowed - results.Sum(r => TaskBodies.NameBytes(r.Title)), limit: bodyBytes + allowed);
            if (results.Length > 0)
                _left = Math.Max(0, _left - (plain.Length - bodyBytes));
            await AddAsync(MessageKind.Task, it, turn.AssigneeOf(task), plain);
        }
    }

    /// <param name="what">overdue, escalated, cancelled or reassigned.</param>
    public Task NotifyAsync(string what, int task, string team, string? reason = null)
    {
        WorkflowTask it = turn.Workflow.Tasks[task];
        // A team that has left has no inbox.
        return routes.Snapshot.Find(team) is null
            ? Task.CompletedTask
            : AddAsync(MessageKind.Notice, it, team, TaskBodies.Notice(what, it, turn.Workflow.Id, turn.AssigneeOf(task), reason));
    }

    private async Task AddAsync(MessageKind kind, WorkflowTask task, string to, byte[] plain)
    {
        Guid id = Guid.CreateVersion7(turn.Now);
        string from = turn.Workflow.Creator;
        // A creator that has left the tree has no hub: the recipient's looks after it, or the root.
        int node = (routes.Snapshot.Find(from) ?? routes.Snapshot.Find(to))?.Node ?? TreeShape.Root;
        var hub = new NodeKey(routes.Snapshot.Tree, node);
        Hubs.Add(hub);
        NewMessage message = OutboxInserts.Made(
            id, kind, task.Id, from, to, task.Title, plain, await services.Sealer.SealAsync(plain, id), turn.Workflow.TraceParent);
        turn.Add(OutboxInserts.Insert(message, hub, services.Silo, MessageState.Queued, nextSequence(), turn.Now));
    }
}
