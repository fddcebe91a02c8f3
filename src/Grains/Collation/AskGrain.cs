using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Collation;

/// <summary>Finds the node that collates a team's reply, and reads what is stored of asks.</summary>
[StatelessWorker, Reentrant]
public sealed class AskGrain(IAskStore asks) : Grain, IAskGrain
{
    public async Task<ReplyStatus> Reply(NewReply reply)
    {
        if (await asks.FindAsync(reply.Ask) is not { } ask)
            return ReplyStatus.NoSuchAsk;
        if (await asks.AnswerAsync(reply.Ask, reply.Team) is not { } team)
            return ReplyStatus.NotAsked;
        if (team.Reply == reply.Id)
            return CollationState.ToStatus(team.State);
        if (ask.State != AskState.Open)
            return ReplyStatus.Ended;
        return await GrainFactory.GetGrain<ICollationGrain>(new CollationKey(ask.Tree, ask.Id, team.Node).ToString()).Reply(reply);
    }

    public Task<AskView?> Get(Guid ask) => asks.ViewAsync(ask);

    public Task<Page<ReplyView>> Replies(Guid ask, string? after, int limit) => asks.RepliesAsync(ask, after, limit);

    public async Task<Immutable<EventView[]>> Trace(Guid ask) => (await asks.TraceAsync(ask)).ToArray().AsImmutable();

    public Task<Page<AskSummary>> List(AskQuery query) => asks.ListAsync(query);
}
