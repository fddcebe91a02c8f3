using System.Diagnostics;
using ShitOps.Grains.Nodes;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Telemetry;

namespace ShitOps.Grains.Tasks;

/// <summary>
/// Owns one workflow. Changes go one after another (see <see cref="Turns"/>), each in one transaction that raises the
/// workflow's version: a second activation cannot write over the first, it reads anew and decides again. Never waits for
/// another workflow: what its end means to others they find in the database when woken, by this grain or by the sweep.
/// </summary>
[Reentrant]
public sealed class WorkflowGrain(WorkflowServices services) : Grain, IWorkflowGrain
{
    private const int WokenAtOnce = 100;

    private readonly Turns _turns = new();
    private Workflow? _workflow;
    private long _sequence;
    private bool _waking, _wakeAgain;

    private Guid Id => this.GetPrimaryKey();

    public Task<CreateWorkflowReply> Create(NewWorkflow workflow)
    {
        if (workflow.Id != Id)
            throw new ArgumentException($"Workflow {workflow.Id} belongs to another grain than {Id}.", nameof(workflow));
        return _turns.Take(() => CreateAsync(workflow));
    }

    public async Task<TaskActReply> Act(TaskCommand command)
    {
        (TaskActStatus status, string? detail) = await _turns.Take(() => ActAsync(command));
        // Read outside of the turn: the next one need not wait for it.
        return new(status, status is TaskActStatus.NotFound or TaskActStatus.NotAllowed ? null : await services.Store.ViewAsync(command.Task), detail);
    }

    public Task Wake() => _turns.Take(SweepAsync);

    private async Task<CreateWorkflowReply> CreateAsync(NewWorkflow asked)
    {
        using Activity? activity = Span("create", asked.TraceParent, asked.Tasks.Length);
        if (await LoadAsync() is null)
        {
            var creating = new Creating(services, asked, NextSequence);
            IReadOnlyList<Change> changes = await creating.PrepareAsync();
            if (creating.Refusal is { } refusal)
                return refusal;
            if (await CommitAsync(changes))
            {
                _workflow = creating.Workflow;
                Tell(creating.Hubs);
                return new(CreateWorkflowStatus.Created, [], await services.Store.WorkflowAsync(Id));
            }
        }
        // It stands already, perhaps by another activation that was quicker.
        if (await LoadAsync() is not { } stored)
            throw new NotCommittedException($"Workflow {Id} was not stored; try again.");
        return stored.RequestDigest.AsSpan().SequenceEqual(asked.RequestDigest)
            ? new(CreateWorkflowStatus.Repeated, [], await services.Store.WorkflowAsync(Id))
            : new(CreateWorkflowStatus.KeyReused, [], null);
    }

    private async Task<(TaskActStatus Status, string? Detail)> ActAsync(TaskCommand command)
    {
        for (int attempt = 0; attempt < 2; attempt++)
        {
            if (await LoadAsync() is not { } workflow)
                return (TaskActStatus.NotFound, null);
            using Activity? activity = Span("act", workflow.TraceParent, tasks: 1);
            var acting = new Acting(services, workflow, command, NextSequence);
            Turn? turn = await acting.PrepareAsync();
            if (turn is null || await CommitAsync(turn, acting.Hubs))
                return (acting.Status, acting.Detail);
        }
        throw new NotCommittedException($"Workflow {Id} is being changed by another activation; try again.");
    }

    private async Task<bool> SweepAsync()
    {
        // What another activation wrote is read anew, and looked at the next time if it goes on.
        for (int failures = 0; failures < 2 && await LoadAsync() is { } workflow;)
        {
            var sweeping = new Sweeping(services, workflow, NextSequence);
            if (await sweeping.PrepareAsync() is not { } turn)
                return true;
            if (!await CommitAsync(turn, sweeping.Hubs))
                failures++;
        }
        return false;
    }

    private static Activity? Span(string operation, string? parent, int tasks) => SiloTrace.Batch(operation, ActivityKind.Server, [parent], tasks);

    private async Task<Workflow?> LoadAsync() =>
        _workflow ??= await services.Store.LoadAsync(Id) is { } row ? Workflow.From(row) : null;

    private async Task<bool> CommitAsync(Turn turn, IReadOnlySet<NodeKey> hubs)
    {
        if (!await CommitAsync(turn.Changes(withFence: true)))
            return false;
        turn.Remember();
        turn.Workflow.Version++;
        Tell(hubs);
        if (turn.EndsTasks)
            WakeDependents();
        return true;
    }

    /// <returns>False: another activation has written; memory is dropped.</returns>
    private async Task<bool> CommitAsync(IReadOnlyList<Change> changes)
    {
        try
        {
            ChangeResult[] results = await services.Commits.CommitAsync(new Commit(changes, AllOrNothing: true));
            if (results[0].Applied)
                return true;
        }
        catch
        {
            // It may have happened: what counts is in the database.
            _workflow = null;
            throw;
        }
        TaskLog.Overtaken(services.Log, Id, _workflow?.Version ?? 0);
        _workflow = null;
        return false;
    }

    private void Tell(IEnumerable<NodeKey> hubs)
    {
        foreach (NodeKey hub in hubs)
            TellAsync(hub).Ignore();
    }

    // Only a signal: a hub that does not get it looks by itself.
    private async Task TellAsync(NodeKey hub)
    {
        try
        {
            await GrainFactory.GetGrain<INodeGrain>(hub.ToString()).Wake();
        }
        catch (Exception error)
        {
            TaskLog.WakeFailed(services.Log, hub.ToString(), error);
        }
    }

    private void WakeDependents()
    {
        _wakeAgain = true;
        if (!_waking)
            WakeDependentsAsync().Ignore();
    }

    // Outside of the turn, one at a time: two workflows that depend on each other's tasks may end some at once.
    private async Task WakeDependentsAsync()
    {
        _waking = true;
        while (_wakeAgain)
        {
            _wakeAgain = false;
            try
            {
                IReadOnlyList<Guid> stranded = await services.Store.StrandedAsync(WokenAtOnce);
                await Task.WhenAll(stranded.Where(workflow => workflow != Id).Select(workflow => GrainFactory.GetGrain<IWorkflowGrain>(workflow).Wake()));
            }
            catch (Exception error)
            {
                TaskLog.DependentsNotWoken(services.Log, Id, error);
            }
        }
        _waking = false;
    }

    /// <summary>A place in an outbox, as other grains than its hub give them: by the clock, and rising.</summary>
    private long NextSequence() => _sequence = OutboxInserts.SequenceAfter(_sequence, services.Time.GetUtcNow());
}
