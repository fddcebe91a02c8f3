using System.Security.Cryptography;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using ShitOps.Silo.Tests.Store;
using ShitOps.Silo.Tests.Tasks;

namespace ShitOps.Silo.Tests.Inbox;

internal static class FilledInbox
{
    /// <summary>An inbox with messages of one sender.</summary>
    public static async Task<(ITeamGrain Inbox, string Team, Guid[] Ids)> FilledInboxAsync(this TaskSilo silo, int count, string? orderingKey = null)
    {
        string team = await silo.TeamAsync();
        NewMessage[] messages =
        [
            .. Enumerable.Range(0, count).Select(_ => Make.Message("sender", team) with { OrderingKey = orderingKey, Sha256 = SHA256.HashData([1]) }),
        ];
        if (count > 0)
        {
            await silo.Get<ICommitQueue>().CommitAsync(new Commit(
            [
                .. messages.Select(m => Make.Insert(m, MessageState.Delivered)),
                .. messages.Select(m => new InsertDelivery(m.Id, team, m.From, Priority.Normal, orderingKey, null, Make.Now)),
            ]));
        }
        return (silo.Grains.GetGrain<ITeamGrain>(new TeamKey(Limits.DefaultTree, team).ToString()), team, [.. messages.Select(m => m.Id)]);
    }

    /// <summary>One more, of which nobody tells the inbox.</summary>
    public static async Task<Guid> DeliverUntoldAsync(this TaskSilo silo, string team)
    {
        NewMessage message = Make.Message("sender", team);
        await silo.Get<ICommitQueue>().CommitAsync(new Commit([Make.Insert(message, MessageState.Delivered), Make.Deliver(message.Id, team, "sender")]));
        return message.Id;
    }
}
