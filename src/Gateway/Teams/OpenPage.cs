using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Gateway.Tasks;
using ShitOps.Grains;

namespace ShitOps.Gateway.Teams;

/// <summary><c>GET /v1/teams/{name}/open</c>: a team's open ends, for itself and for operators. No body and no result.</summary>
internal sealed class OpenPage(IGrainFactory grains, TreeWatch tree, ClusterCalls calls, TimeProvider time)
{
    public async Task<IResult> HandleAsync(string name, HttpContext http)
    {
        // Whether another team exists is not a team's to know.
        if (http.Caller().Team is { } own && own != name)
            return Known.NotFound;
        var query = new Query(http.Request);
        int limit = query.PageSize();
        query.ThrowIfFaulty();
        return await ReadAsync(name, limit, http.RequestAborted) is { } open ? Results.Json(open, GatewayJson.Default.OpenEnds) : Known.NotFound;
    }

    /// <summary>Null: there is no such team.</summary>
    public async Task<OpenEnds?> ReadAsync(string name, int limit, CancellationToken stop)
    {
        if ((await calls.RetryAsync(tree.FetchAsync, stop)).Find(name) is null)
            return null;
        Task<InboxStatus> inbox = calls.RetryAsync(() => grains.Team(name).Status(), stop);
        Task<OpenWork> work = calls.RetryAsync(() => grains.Tasks().Open(name, limit), stop);
        await Task.WhenAll(inbox, work);
        return Of(name, await inbox, await work, time.GetUtcNow());
    }

    internal static OpenEnds Of(string team, InboxStatus inbox, OpenWork work, DateTimeOffset now) => new(
        team,
        new(inbox.Waiting, inbox.Leased, inbox.Oldest),
        new(inbox.Waiting, inbox.Leased, inbox.Oldest,
            [.. work.Messages.Select(m => new OpenMessageResource(m.Id, m.From, Words.Of(m.Kind), m.Subject, m.DeliveredAt, m.Attempts))]),
        [.. work.Asks.Select(a => new OpenAskResource(a.Id, a.From, a.Subject, a.AskedAt, a.Deadline))],
        new(
            [.. work.Tasks.Where(t => t.State is TaskState.Ready or TaskState.Started).Select(t => TaskResource.Of(t))],
            [.. work.Tasks.Where(t => t.State == TaskState.Blocked).Select(Blocked)],
            [.. work.Tasks.Where(t => t.State < TaskState.Done && (t.Overdue || t.DueAt <= now)).Select(t => t.State == TaskState.Blocked ? Blocked(t) : TaskResource.Of(t))]));

    private static TaskResource Blocked(TaskView task) => TaskResource.Of(task) with
    {
        BlockedBy = [.. task.DependsOn.Where(d => d.State < TaskState.Done).Select(d => new BlockingTask(d.Task, d.Key, d.Title, d.Assignee, Words.Of(d.State)))],
    };
}
