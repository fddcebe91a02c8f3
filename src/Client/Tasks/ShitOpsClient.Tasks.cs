using System.Text.Json;
using ShitOps.Client.Http;

namespace ShitOps.Client;

public sealed partial class ShitOpsClient
{
    /// <param name="idempotencyKey">Null: the client makes one for this call.</param>
    /// <param name="traceparent">By default the current activity's.</param>
    public Task<TaskInfo> CreateTaskAsync(NewTask task, string? idempotencyKey = null, string? traceparent = null, CancellationToken stop = default)
    {
        Call call = Call.Post("/v1/tasks", task, ShitOpsJson.Default.NewTask) with { IdempotencyKey = idempotencyKey ?? NewKey(), Traceparent = traceparent };
        return _calls.ReadAsync(call, ShitOpsJson.Default.TaskInfo, stop);
    }

    /// <summary>Creates a graph of tasks, all or nothing.</summary>
    /// <exception cref="ShitOpsException">422: a cycle, an unknown dependency, an unknown team; <see cref="ShitOpsException.Faults"/> names all of them.</exception>
    public Task<WorkflowInfo> CreateWorkflowAsync(NewWorkflow workflow, string? idempotencyKey = null, string? traceparent = null, CancellationToken stop = default)
    {
        Call call = Call.Post("/v1/workflows", workflow, ShitOpsJson.Default.NewWorkflow) with { IdempotencyKey = idempotencyKey ?? NewKey(), Traceparent = traceparent };
        return _calls.ReadAsync(call, ShitOpsJson.Default.WorkflowInfo, stop);
    }

    public Task<TaskInfo> GetTaskAsync(Guid id, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Get($"/v1/tasks/{id}"), ShitOpsJson.Default.TaskInfo, stop);

    public Task<WorkflowInfo> GetWorkflowAsync(Guid id, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Get($"/v1/workflows/{id}"), ShitOpsJson.Default.WorkflowInfo, stop);

    /// <summary>Tasks that this team created or is to do; of all teams for an operator.</summary>
    public IAsyncEnumerable<TaskInfo> GetTasksAsync(TaskFilter? filter = null, CancellationToken stop = default)
    {
        TaskFilter which = filter ?? new();
        return _calls.ReadAsync<TasksPage, TaskInfo>(
            after => Address.Of("/v1/tasks", ("team", which.Team), ("state", which.State), ("workflow", which.Workflow), ("overdue", which.Overdue), ("after", after)),
            ShitOpsJson.Default.TasksPage, stop);
    }

    public async Task<IReadOnlyList<JournalEvent>> TraceTaskAsync(Guid id, CancellationToken stop = default) =>
        (await _calls.ReadAsync(Call.Get($"/v1/tasks/{id}/trace"), ShitOpsJson.Default.Trace, stop).ConfigureAwait(false)).Events;

    /// <exception cref="ShitOpsException">409 wrong_transition: its state does not allow it; the problem tells which.</exception>
    public Task<TaskInfo> StartTaskAsync(Guid id, CancellationToken stop = default) => ActAsync(id, "started", Call.Post($"/v1/tasks/{id}/start"), stop);

    /// <param name="result">Any JSON; goes on to the tasks that wait for this one.</param>
    public Task<TaskInfo> CompleteTaskAsync(Guid id, JsonElement? result = null, CancellationToken stop = default) =>
        ActAsync(id, "done", Ending(id, "complete", new(result)), stop);

    public Task<TaskInfo> FailTaskAsync(Guid id, string? reason = null, JsonElement? result = null, CancellationToken stop = default) =>
        ActAsync(id, "failed", Ending(id, "fail", new(result, reason)), stop);

    public Task<TaskInfo> CancelTaskAsync(Guid id, string? reason = null, CancellationToken stop = default) =>
        ActAsync(id, "cancelled", Ending(id, "cancel", new(Reason: reason)), stop);

    public Task<TaskInfo> ReassignTaskAsync(Guid id, string assignee, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Post($"/v1/tasks/{id}/reassign", new NewAssignee(assignee), ShitOpsJson.Default.NewAssignee), ShitOpsJson.Default.TaskInfo, stop);

    private static Call Ending(Guid id, string action, TaskEnd end) => Call.Post($"/v1/tasks/{id}/{action}", end, ShitOpsJson.Default.TaskEnd);

    /// <summary>Refused because it stands where it was to go, after an answer that was lost: it is done.</summary>
    private Task<TaskInfo> ActAsync(Guid id, string state, Call call, CancellationToken stop) =>
        _calls.ReadOnceAsync(
            call, ShitOpsJson.Default.TaskInfo,
            async refused => refused.Problem.State == state ? await GetTaskAsync(id, stop).ConfigureAwait(false) : null, stop);
}
