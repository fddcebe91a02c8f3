using System.Security.Cryptography;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Messages;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.RateLimits;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Asks;

/// <summary><c>POST /v1/asks/{id}/reply</c>: sealed once under one id, so that a call which is tried again stores it once.</summary>
internal sealed class PostReplies(IGrainFactory grains, ClusterCalls calls, IBodyVault vault, TeamRates rates, GatewayCounters counters, TimeProvider time)
{
    private static readonly Problem
        AlreadyReplied = new(409, "already_replied", "This team has replied before; a reply stands."),
        Ended = new(410, "ask_ended", "The ask has ended."),
        NotAsked = new(403, "not_asked", "This team is not among those asked.");

    public async Task<IResult> HandleAsync(Guid ask, HttpContext http)
    {
        if (!JsonRequest.IsJson(http.Request))
            return Known.BadMediaType;
        if (rates.Take(http.CallerTeam(), 1, out Problem? tooFast) == 0)
            return tooFast!;
        NewReply reply;
        using (RequestBody body = await RequestBody.ReadAsync(http.Request, Limits.RequestBytes))
        {
            if (AskFields.ReadReply(body.Bytes, out MessageDraft draft, out Faults faults) is { } unreadable)
                return unreadable;
            faults.ThrowIfAny();
            reply = await SealAsync(ask, draft, http);
        }
        ReplyStatus status = await calls.RetryAsync(() => grains.Asks().Reply(reply), http.RequestAborted);
        if (status is ReplyStatus.Answered or ReplyStatus.Held or ReplyStatus.Quarantined)
            counters.Reply();
        return status switch
        {
            ReplyStatus.Answered => Taken("answered"),
            ReplyStatus.Held => Taken("held"),
            ReplyStatus.Quarantined => Taken("quarantined"),
            ReplyStatus.AlreadyReplied => AlreadyReplied,
            ReplyStatus.Ended => Ended,
            ReplyStatus.NotAsked => NotAsked,
            _ => Known.NotFound,
        };
    }

    private async ValueTask<NewReply> SealAsync(Guid ask, MessageDraft draft, HttpContext http)
    {
        Guid id = Guid.CreateVersion7(time.GetUtcNow());
        return new NewReply
        {
            Id = id,
            Ask = ask,
            Team = http.CallerTeam(),
            BodyKind = draft.BodyKind,
            ContentType = draft.ContentType!,
            SealedBody = await vault.SealAsync(draft.Body, id, 0, http.RequestAborted),
            Size = draft.Body.Length,
            Sha256 = SHA256.HashData(draft.Body.Span),
            TraceParent = GatewayTrace.Parent(http.Request),
        };
    }

    private static IResult Taken(string state) => Results.Json(new AcceptedReply(state), GatewayJson.Default.AcceptedReply, statusCode: 202);
}
