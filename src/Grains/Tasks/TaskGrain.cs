using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Tasks;

/// <summary>Reads tasks, for gateways.</summary>
[StatelessWorker, Reentrant]
public sealed class TaskGrain(ITaskStore store) : Grain, ITaskGrain
{
    public Task<TaskView?> Get(Guid task) => store.ViewAsync(task);

    public Task<Page<TaskView>> List(TaskQuery query) => store.ListAsync(query);

    public Task<WorkflowView?> Workflow(Guid workflow) => store.WorkflowAsync(workflow);

    public async Task<Immutable<EventView[]>> Trace(Guid task) => (await store.TraceAsync(task)).ToArray().AsImmutable();

    public Task<OpenWork> Open(string team, int limit) => store.OpenAsync(team, limit);
}
