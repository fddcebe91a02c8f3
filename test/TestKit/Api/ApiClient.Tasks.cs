namespace ShitOps.TestKit.Api;

public sealed partial class ApiClient
{
    public Task<ApiAnswer> TryCreateTaskAsync(TaskDraft task, string? idempotencyKey = null) =>
        CallAsync(HttpMethod.Post, "/v1/tasks", JsonContent(task), idempotencyKey is null ? [] : [("Idempotency-Key", idempotencyKey)]);

    public Task<TaskInfo> CreateTaskAsync(TaskDraft task) => ReadAsync<TaskInfo>("POST /v1/tasks", TryCreateTaskAsync(task), 201);

    /// <summary>A task of its own for that team.</summary>
    public Task<TaskInfo> CreateTaskAsync(string assignee, string title, object? body = null, params string[] dependsOn) =>
        CreateTaskAsync(new() { Assignee = assignee, Title = title, Body = body, DependsOn = dependsOn.Length == 0 ? null : dependsOn });

    public Task<ApiAnswer> TryCreateWorkflowAsync(string name, params TaskDraft[] tasks) => PostAsync("/v1/workflows", new { name, tasks });

    public Task<WorkflowInfo> CreateWorkflowAsync(string name, params TaskDraft[] tasks) =>
        ReadAsync<WorkflowInfo>("POST /v1/workflows", TryCreateWorkflowAsync(name, tasks), 201);

    /// <param name="action">start, complete, fail, cancel or reassign.</param>
    /// <param name="body">result and reason, or the new assignee.</param>
    public Task<ApiAnswer> TryActAsync(Guid task, string action, object? body = null) => PostAsync($"/v1/tasks/{task}/{action}", body ?? new { });

    /// <summary>The task as it stands afterwards.</summary>
    public Task<TaskInfo> ActAsync(Guid task, string action, object? body = null) =>
        ReadAsync<TaskInfo>($"POST {action}", TryActAsync(task, action, body), 200);

    /// <summary>Completes a task with that result.</summary>
    public Task<TaskInfo> CompleteAsync(Guid task, object result) => ActAsync(task, "complete", new { result });

    public Task<TaskInfo> TaskAsync(Guid task) => ReadAsync<TaskInfo>("GET task", GetAsync($"/v1/tasks/{task}"), 200);

    public Task<WorkflowInfo> WorkflowAsync(Guid workflow) => ReadAsync<WorkflowInfo>("GET workflow", GetAsync($"/v1/workflows/{workflow}"), 200);

    public async Task<TraceEvent[]> TaskTraceAsync(Guid task) =>
        Events((await ExpectAsync("GET trace", GetAsync($"/v1/tasks/{task}/trace"), 200)).Json.Items());

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
