using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Events;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Messages;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tasks;

/// <summary>Tells of tasks and workflows.</summary>
internal sealed class ReadTasks(IGrainFactory grains, ClusterCalls calls, TaskAccess access, IBodyVault vault)
{
    private const int BodyPart = 0, ResultPart = 1;

    public async Task<IResult> GetAsync(Guid id, HttpContext http)
    {
        new Query(http.Request).ThrowIfFaulty();
        return await AnswerAsync(await access.SeenAsync(id, http), http);
    }

    /// <summary>200 with the task, its content opened for who may read it.</summary>
    public async Task<IResult> AnswerAsync(TaskView view, HttpContext http)
    {
        bool may = TaskAccess.MaySeeContent(view, http.Caller());
        RawJson? body = may ? await OpenAsync(view.SealedBody, view.Id, BodyPart, http) : null;
        RawJson? result = may ? await OpenAsync(view.SealedResult, view.Id, ResultPart, http) : null;
        return Results.Json(TaskResource.Of(view, body, result), GatewayJson.Default.TaskResource);
    }

    public async Task<IResult> ListAsync(HttpContext http)
    {
        var query = new Query(http.Request);
        string? assignee = query.Text("team", Limits.TeamNameLength);
        TaskState? state = StateOf(query.OneOf("state", "blocked", "ready", "started", "done", "failed", "cancelled"));
        var asked = new TaskQuery(http.Caller().Team, assignee, state, query.Id("workflow"), query.Flag("overdue"), query.After(), query.PageSize());
        query.ThrowIfFaulty();
        Page<TaskView> page = await calls.PageAsync(asked.After, () => grains.Tasks().List(asked), http.RequestAborted);
        return Results.Json(new TasksPage([.. page.Items.Select(t => TaskResource.Of(t))], page.Next), GatewayJson.Default.TasksPage);
    }

    public async Task<IResult> TraceAsync(Guid id, HttpContext http)
    {
        new Query(http.Request).ThrowIfFaulty();
        TaskView view = await access.SeenAsync(id, http);
        Immutable<EventView[]> events = await calls.RetryAsync(() => grains.Tasks().Trace(id), http.RequestAborted);
        bool withDigest = http.Caller().Role == Role.Operator || TaskAccess.MaySeeContent(view, http.Caller());
        return Results.Json(new TraceResource(id, [.. events.Value.Select(e => EventResource.Of(e, withDigest))]), GatewayJson.Default.TraceResource);
    }

    public async Task<IResult> WorkflowAsync(Guid id, HttpContext http)
    {
        new Query(http.Request).ThrowIfFaulty();
        return await calls.RetryAsync(() => grains.Tasks().Workflow(id), http.RequestAborted) is { } view && TaskAccess.MaySee(view, http.Caller())
            ? Results.Json(WorkflowResource.Of(view), GatewayJson.Default.WorkflowResource)
            : Known.NotFound;
    }

    private async ValueTask<RawJson?> OpenAsync(byte[]? content, Guid id, int part, HttpContext http) =>
        content is null ? null : new RawJson(await vault.OpenAsync(content, id, part, http.RequestAborted));

    private static TaskState? StateOf(string? word) => word switch
    {
        "blocked" => TaskState.Blocked,
        "ready" => TaskState.Ready,
        "started" => TaskState.Started,
        "done" => TaskState.Done,
        "failed" => TaskState.Failed,
        "cancelled" => TaskState.Cancelled,
        _ => null,
    };
}
