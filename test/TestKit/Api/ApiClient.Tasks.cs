using ShitOps.Client;

namespace ShitOps.TestKit.Api;

public sealed partial class ApiClient
{
    public Task<ApiAnswer> TryCreateTaskAsync(NewTask task, string? idempotencyKey = null) =>
        CallAsync(HttpMethod.Post, "/v1/tasks", JsonContent(task), Headers(("Idempotency-Key", idempotencyKey)));

    public Task<TaskInfo> CreateTaskAsync(NewTask task) => Api.CreateTaskAsync(task);

    /// <summary>A task of its own for that team.</summary>
    public Task<TaskInfo> CreateTaskAsync(string assignee, string title, object? body = null, params string[] dependsOn) =>
        CreateTaskAsync(new NewTask(title, assignee) { Body = Json.Of(body), DependsOn = dependsOn.Length == 0 ? null : dependsOn });

    public Task<ApiAnswer> TryCreateWorkflowAsync(string name, params NewTask[] tasks) => PostAsync("/v1/workflows", new NewWorkflow(name, tasks));

    public Task<WorkflowInfo> CreateWorkflowAsync(string name, params NewTask[] tasks) => Api.CreateWorkflowAsync(new(name, tasks));

    /// <param name="action">start, complete, fail, cancel or reassign.</param>
    /// <param name="body">result and reason, or the new assignee.</param>
    public Task<ApiAnswer> TryActAsync(Guid task, string action, object? body = null) => PostAsync($"/v1/tasks/{task}/{action}", body ?? new { });

    /// <summary>Completes a task with that result.</summary>
    public Task<TaskInfo> CompleteAsync(Guid task, object? result = null) => Api.CompleteTaskAsync(task, Json.Of(result));

    public Task<TaskInfo> FailAsync(Guid task, string? reason = null, object? result = null) => Api.FailTaskAsync(task, reason, Json.Of(result));

    public Task<TaskInfo> TaskAsync(Guid task) => Api.GetTaskAsync(task);

    public Task<WorkflowInfo> WorkflowAsync(Guid workflow) => Api.GetWorkflowAsync(workflow);

    public Task<IReadOnlyList<JournalEvent>> TaskTraceAsync(Guid task) => Api.TraceTaskAsync(task);

    /// <summary>The ids of all tasks that fit, page by page.</summary>
    public async Task<List<Guid>> TasksAsync(params (string Name, string? Value)[] query) =>
        [.. (await AllAsync("/v1/tasks", query)).Select(task => task.GetProperty("id").GetGuid())];

    /// <summary>Waits until the task is in that state.</summary>
    public Task<TaskInfo> UntilTaskAsync(Guid task, string state, TimeSpan? limit = null) =>
        Eventually.UntilAsync(() => TaskAsync(task), info => info.State == state, limit ?? TimeSpan.FromSeconds(20), $"task {task} is {state}");

    /// <summary>Takes the next delivery, which must be that task, ready to be done.</summary>
    public async Task<InboxMessage> TakeTaskAsync(Guid task, TimeSpan? limit = null)
    {
        InboxMessage message = await TakeAsync("task", limit);
        return message.Task == task ? message : throw new InvalidOperationException($"'{Name}' got the task {message.Task} '{message.Subject}', not {task}");
    }
}
