using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Messages;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.RateLimits;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tasks;

/// <summary><c>POST /v1/workflows</c> and <c>POST /v1/tasks</c>: all of it is stored, or nothing.</summary>
internal sealed class PostWorkflows(
    IGrainFactory grains, TreeWatch tree, ClusterCalls calls, WorkflowBuilder builder, TeamRates rates, GatewayCounters counters, TimeProvider time)
{
    /// <summary>Ten thousand bodies are scanned before it is stored: beyond what other calls may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public async Task<IResult> HandleAsync(HttpContext http, bool single)
    {
        if (!JsonRequest.IsJson(http.Request))
            return Known.BadMediaType;
        string? idempotencyKey = MessageHeaders.IdempotencyKey(http.Request);
        string team = http.CallerTeam();
        if (rates.Take(team, 1, out Problem? tooFast) == 0)
            return tooFast!;
        CancellationToken stop = http.RequestAborted;
        using RequestBody body = await RequestBody.ReadAsync(http.Request, single ? Limits.RequestBytes : Limits.WorkflowBytes);
        if (WorkflowFields.Read(body.Bytes, single, out WorkflowDraft draft, out Faults faults) is { } unreadable)
            return unreadable;
        Dictionary<string, int> keys = WorkflowRules.Keys(draft);
        WorkflowRules.Check(draft, keys, await TreeAsync(team, draft, stop), time.GetUtcNow(), idempotencyKey is not null, faults);
        faults.ThrowIfAny();
        NewWorkflow workflow = await builder.BuildAsync(draft, keys, body.Bytes, team, idempotencyKey, GatewayTrace.Parent(http.Request), stop);
        CreateWorkflowReply reply = await calls.RetryAsync(() => grains.Workflow(workflow.Id).Create(workflow), calls.Budget + Patience, stop);
        if (TaskProblems.Of(reply, draft) is { } problem)
            return problem;
        counters.Workflow();
        WorkflowView view = reply.Workflow ?? await calls.RetryAsync(() => grains.Tasks().Workflow(workflow.Id), stop)
            ?? throw new ProblemException(Known.OutcomeUnknown);
        http.Response.Headers.Location = $"/v1/{(single ? "tasks" : "workflows")}/{workflow.Id}";
        if (!single)
            return Results.Json(WorkflowResource.Of(view), GatewayJson.Default.WorkflowResource, statusCode: 201);
        // The request is given back before the answer is written.
        RawJson? own = draft.Tasks[0].Body is { } place ? new RawJson(body.Bytes[place].ToArray()) : null;
        return Results.Json(TaskResource.Of(view.Tasks[0], own), GatewayJson.Default.TaskResource, statusCode: 201);
    }

    /// <summary>The tree as it is known here; asked for afresh if it does not know every team.</summary>
    /// <exception cref="ProblemException">403: the team has left the tree. 503: the tree is out of reach.</exception>
    private async ValueTask<TreeSnapshot> TreeAsync(string team, WorkflowDraft draft, CancellationToken stop)
    {
        if (tree.Current is { } known && known.Find(team) is not null && WorkflowRules.KnowsAllTeams(draft, known))
            return known;
        TreeSnapshot fresh = await calls.RetryAsync(tree.FetchAsync, stop);
        return fresh.Find(team) is null ? throw new ProblemException(Known.TeamGone) : fresh;
    }
}
