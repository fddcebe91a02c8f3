using System.Security.Cryptography;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using ShitOps.Silo.Tests.Store;
using ShitOps.Silo.Tests.Tasks;

namespace ShitOps.Silo.Tests.Inbox;

/// <summary>
/// Two that deliver to one team at once can commit in another order than the inbox is numbered; what is committed behind the
/// place up to which the inbox has been read is passed by all that follows. So only the hub's owner delivers.
/// </summary>
public sealed class DeliveryTests(TaskSiloOnMariaDb silo) : IClassFixture<TaskSiloOnMariaDb>
{
    [Fact]
    public async Task A_hub_that_another_has_taken_delivers_nothing_until_it_has_taken_it_again()
    {
        string team = await silo.TeamAsync();
        TreeSnapshot tree = await silo.Grains.GetGrain<ITreeGrain>(Limits.DefaultTree).Read();
        var key = new NodeKey(Limits.DefaultTree, tree.Find(team)!.Node);
        INodeGrain hub = silo.Grains.GetGrain<INodeGrain>(key.ToString());
        NewMessage message = Make.Message("sender", team) with { Sha256 = SHA256.HashData([1]) };
        await silo.Get<ICommitQueue>().CommitAsync(new Commit([Make.Insert(message, MessageState.Delivered)]));
        await hub.Ping();

        await silo.Get<IHubStore>().TakeAsync(key, "elsewhere", TestContext.Current.CancellationToken);
        Assert.Equal([ForwardStatus.Failed], (await hub.Forward(Batch(message, tree))).Results);
        Assert.Empty(await silo.Get<IInboxStore>().StatesAsync(team, [message.Id], TestContext.Current.CancellationToken));

        Assert.Equal([ForwardStatus.Delivered], (await hub.Forward(Batch(message, tree))).Results);
        Assert.Single(await silo.Get<IInboxStore>().StatesAsync(team, [message.Id], TestContext.Current.CancellationToken));
    }

    private static ForwardBatch Batch(NewMessage message, TreeSnapshot tree) => new()
    {
        Epoch = tree.Epoch,
        From = 1_000,
        Descending = false,
        SignatureVersion = "",
        Hops = [],
        Items = [new Envelope { Id = message.Id, From = message.From, To = message.To, Sha256 = message.Sha256, Released = true }],
    };
}
