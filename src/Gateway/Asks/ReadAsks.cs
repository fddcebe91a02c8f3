using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Events;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Messages;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Asks;

/// <summary>Tells of an ask. What the teams answered is opened for the asker alone.</summary>
internal sealed class ReadAsks(IGrainFactory grains, ClusterCalls calls, IBodyVault vault)
{
    /// <summary>Replies of a page: each may be as large as a body may be.</summary>
    private const int DefaultReplies = 50, MostReplies = 100;

    public async Task<IResult> GetAsync(Guid id, HttpContext http)
    {
        new Query(http.Request).ThrowIfFaulty();
        return Results.Json(await ReadAsync(id, http.Caller(), http.RequestAborted), GatewayJson.Default.AskResource);
    }

    /// <exception cref="ProblemException">404: there is no such ask, or it is not the caller's to know.</exception>
    public async Task<AskResource> ReadAsync(Guid id, Caller caller, CancellationToken stop)
    {
        AskView view = await SeenAsync(id, caller, stop);
        byte[]? collation = view.SealedResult is { } body && AskRules.IsAsker(view, caller)
            ? await vault.OpenAsync(body, view.Result, 0, stop)
            : null;
        return AskResource.Of(view, await MaySeeSubjectAsync(view, caller, stop), collation);
    }

    public async Task<IResult> RepliesAsync(Guid id, HttpContext http)
    {
        var query = new Query(http.Request);
        (string? after, int limit) = (query.After(), query.Whole("limit", DefaultReplies, 1, MostReplies));
        query.ThrowIfFaulty();
        if (!AskRules.IsAsker(await SeenAsync(id, http.Caller(), http.RequestAborted), http.Caller()))
            return Known.Forbidden;
        Page<ReplyView> page = await calls.PageAsync(after, () => grains.Asks().Replies(id, after, limit), http.RequestAborted);
        var replies = new List<ReplyResource>(page.Items.Length);
        foreach (ReplyView reply in page.Items)
            replies.Add(Of(reply, await vault.OpenAsync(reply.SealedBody, reply.Id, 0, http.RequestAborted)));
        return Results.Json(new RepliesPage(replies, page.Next), GatewayJson.Default.RepliesPage);
    }

    public async Task<IResult> TraceAsync(Guid id, HttpContext http)
    {
        new Query(http.Request).ThrowIfFaulty();
        AskView view = await SeenAsync(id, http.Caller(), http.RequestAborted);
        Immutable<EventView[]> events = await calls.RetryAsync(() => grains.Asks().Trace(id), http.RequestAborted);
        bool all = http.Caller().Role == Role.Operator || AskRules.IsAsker(view, http.Caller());
        string? own = http.Caller().Team;
        return Results.Json(
            new TraceResource(id, [.. events.Value.Select(e => EventResource.Of(e, withDigest: all || e.Team == own || e.From == own))]),
            GatewayJson.Default.TraceResource);
    }

    private static ReplyResource Of(ReplyView reply, byte[] body) => new(
        reply.Id, reply.Team, reply.At, reply.BodyKind == BodyKind.Json ? new RawJson(body) : null,
        reply.BodyKind == BodyKind.Bytes ? Convert.ToBase64String(body) : null, reply.ContentType, reply.Size);

    /// <summary>A team that was asked sees the subject once the question is delivered to it: what was not found clean is not shown.</summary>
    private async ValueTask<bool> MaySeeSubjectAsync(AskView view, Caller caller, CancellationToken stop) =>
        view.Subject is not null && (caller.Role == Role.Operator || AskRules.IsAsker(view, caller)
            || (await calls.RetryAsync(() => grains.Archive().Message(view.Id), stop) is { } message
                && MessageAccess.MaySeeSubject(message, caller)));

    private async Task<AskView> SeenAsync(Guid id, Caller caller, CancellationToken stop) =>
        await calls.RetryAsync(() => grains.Asks().Get(id), stop) is { } view && AskRules.MaySee(view, caller)
            ? view
            : throw new ProblemException(Known.NotFound);
}
