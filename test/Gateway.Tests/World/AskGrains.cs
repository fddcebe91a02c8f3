using Orleans.Concurrency;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.World;

public sealed class TestAskGrain(TestWorld world) : Grain, IAskGrain
{
    public Task<ReplyStatus> Reply(NewReply reply)
    {
        world.Replies.Enqueue(reply);
        if (world.NextReplies.TryDequeue(out Func<ReplyStatus>? ordered))
            return Task.FromResult(ordered());
        if (!world.Asks.TryGetValue(reply.Ask, out AskView? ask))
            return Task.FromResult(ReplyStatus.NoSuchAsk);
        if (!ask.Teams.Contains(reply.Team))
            return Task.FromResult(ReplyStatus.NotAsked);
        if (ask.State != AskState.Open)
            return Task.FromResult(ReplyStatus.Ended);
        NewReply first = world.Replies.First(r => r.Ask == reply.Ask && r.Team == reply.Team);
        return Task.FromResult(first.Id == reply.Id ? ReplyStatus.Answered : ReplyStatus.AlreadyReplied);
    }

    public Task<AskView?> Get(Guid ask) => Task.FromResult(world.Asks.GetValueOrDefault(ask));

    public Task<Page<ReplyView>> Replies(Guid ask, string? after, int limit)
    {
        if (after == "nonsense")
            throw new FormatException("no cursor");
        ReplyView[] all = [.. world.Replies.Where(r => r.Ask == ask)
            .Select(r => new ReplyView(r.Id, r.Team, DateTimeOffset.UnixEpoch, r.BodyKind, r.ContentType, r.SealedBody, r.Size))];
        int from = after is null ? 0 : int.Parse(after, System.Globalization.CultureInfo.InvariantCulture);
        return Task.FromResult(new Page<ReplyView>([.. all.Skip(from).Take(limit)], from + limit < all.Length ? $"{from + limit}" : null));
    }

    public Task<Page<AskSummary>> List(AskQuery query) => Task.FromResult(new Page<AskSummary>(
        [
            .. world.Asks.Values.Where(a => query.Team is null || a.From == query.Team || a.Teams.Contains(query.Team))
                .Where(a => query.State is null || a.State == query.State).Take(query.Limit)
                .Select(a => new AskSummary(a.Id, a.From, a.To, a.Subject, a.State, a.AskedAt, a.EndedAt, a.Spec.Deadline, a.Asked, a.Answered)),
        ],
        null));

    public Task<Immutable<EventView[]>> Trace(Guid ask) => Task.FromResult(new Immutable<EventView[]>(
    [
        .. world.Replies.Where(r => r.Ask == ask).Select((r, i) => new EventView
        {
            Type = "ask.replied", At = DateTimeOffset.UnixEpoch, Reference = ask, Team = r.Team, Size = r.Size, Sha256 = r.Sha256, Position = $"1-{i}-0",
        }),
    ]));
}
