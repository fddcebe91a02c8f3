using ShitOps.Gateway.Messages;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tasks;

internal static class TasksApi
{
    public static IServiceCollection AddTasks(this IServiceCollection services) =>
        services.AddSingleton<WorkflowBuilder>().AddSingleton<PostWorkflows>().AddSingleton<TaskAccess>().AddSingleton<ReadTasks>().AddSingleton<TaskActs>();

    public static IEndpointRouteBuilder MapTasks(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder tasks = routes.MapGroup("/v1/tasks").WithTags("Tasks");
        tasks.MapPost("", (HttpContext http, PostWorkflows post) => post.HandleAsync(http, single: true))
            .RequireAuthorization(Policies.Team).WithBodyLimit(Limits.RequestBytes).Accepts<PostTask>("application/json")
            .TakesHeaders("Idempotency-Key", "traceparent").Produces<TaskResource>(201).Problems(400, 409, 413, 415, 422, 429, 503).WithSummary("Give a team a task");
        tasks.MapGet("", (HttpContext http, ReadTasks read) => read.ListAsync(http)).RequireAuthorization(Policies.TeamOrOperator)
            .Takes("team", "state", "workflow", "overdue", "after", "limit").Produces<TasksPage>().Problems(422, 503)
            .WithSummary("Tasks; a team sees those it created or is to do");
        tasks.MapGet("/{id:guid}", (Guid id, HttpContext http, ReadTasks read) => read.GetAsync(id, http)).RequireAuthorization(Policies.TeamOrOperator)
            .Produces<TaskResource>().Problems(404, 422, 503).WithSummary("One task; its content for creator and assignee");
        tasks.MapGet("/{id:guid}/trace", (Guid id, HttpContext http, ReadTasks read) => read.TraceAsync(id, http)).RequireAuthorization(Policies.TeamOrOperator)
            .Produces<TraceResource>().Problems(404, 422, 503).WithSummary("Every event of a task, in order");
        tasks.MapAction("start", TaskAction.Start, Policies.Team).WithSummary("Its assignee begins");
        tasks.MapAction("complete", TaskAction.Complete, Policies.Team).AcceptsOptional<EndTask>().WithSummary("Its assignee is done with it");
        tasks.MapAction("fail", TaskAction.Fail, Policies.Team).AcceptsOptional<EndTask>().WithSummary("Its assignee gives it up");
        tasks.MapAction("cancel", TaskAction.Cancel, Policies.TeamOrOperator).AcceptsOptional<CancelTask>().WithSummary("It is not to be done any more");
        tasks.MapAction("reassign", TaskAction.Reassign, Policies.TeamOrOperator).Accepts<ReassignTask>("application/json").WithSummary("Another team is to do it");

        RouteGroupBuilder workflows = routes.MapGroup("/v1/workflows").WithTags("Tasks");
        workflows.MapPost("", (HttpContext http, PostWorkflows post) => post.HandleAsync(http, single: false))
            .RequireAuthorization(Policies.Team).WithBodyLimit(Limits.WorkflowBytes).Accepts<PostWorkflow>("application/json")
            .TakesHeaders("Idempotency-Key", "traceparent").Produces<WorkflowResource>(201).Problems(400, 409, 413, 415, 422, 429, 503)
            .WithSummary("A graph of tasks, all or nothing");
        workflows.MapGet("/{id:guid}", (Guid id, HttpContext http, ReadTasks read) => read.WorkflowAsync(id, http)).RequireAuthorization(Policies.TeamOrOperator)
            .Produces<WorkflowResource>().Problems(404, 422, 503).WithSummary("The graph with its states");
        return routes;
    }

    private static RouteHandlerBuilder MapAction(this RouteGroupBuilder tasks, string word, TaskAction action, string policy) =>
        tasks.MapPost($"/{{id:guid}}/{word}", (Guid id, HttpContext http, TaskActs acts) => acts.HandleAsync(id, action, http))
            .RequireAuthorization(policy).WithBodyLimit(Limits.RequestBytes).Produces<TaskResource>().Problems(400, 404, 409, 413, 415, 422, 429, 503);

    private static RouteHandlerBuilder AcceptsOptional<T>(this RouteHandlerBuilder route) where T : notnull => route.Accepts<T>(isOptional: true, "application/json");
}
