using System.Globalization;
using Orleans.Concurrency;
using ShitOps.Grains;
using ShitOps.Grains.Tree;

namespace ShitOps.Bench;

/// <summary>A hub that does nothing but pass on. Key: its index.</summary>
[Alias("sho.bench.IRelayGrain")]
public interface IRelayGrain : IGrainWithIntegerKey
{
    /// <param name="batch">Addressed to indexes instead of teams.</param>
    [Alias("Forward")]
    Task<ForwardReply> Forward(ForwardBatch batch);
}

/// <inheritdoc cref="IRelayGrain"/>
[Reentrant]
public sealed class RelayGrain : Grain, IRelayGrain
{
    public async Task<ForwardReply> Forward(ForwardBatch batch)
    {
        int node = (int)this.GetPrimaryKeyLong();
        var statuses = new ForwardStatus[batch.Items.Length];
        var ways = new Dictionary<int, List<int>>();
        for (int i = 0; i < batch.Items.Length; i++)
        {
            int to = int.Parse(batch.Items[i].To, CultureInfo.InvariantCulture);
            if (to == node)
                continue;
            int next = TreeShape.NextHop(node, to);
            if (!ways.TryGetValue(next, out List<int>? items))
                ways[next] = items = [];
            items.Add(i);
        }
        Hop[] hops = [.. batch.Hops, new Hop(node, "relay", DateTimeOffset.UnixEpoch, batch.SignatureVersion, Scanned: false, batch.From)];
        await Task.WhenAll(ways.Select(way => SendAsync(batch with { From = node, Hops = hops, Items = [.. way.Value.Select(i => batch.Items[i])] }, way.Key, way.Value, statuses)));
        return new(batch.Epoch, statuses);
    }

    private async Task SendAsync(ForwardBatch part, int next, List<int> items, ForwardStatus[] statuses)
    {
        ForwardReply reply = await GrainFactory.GetGrain<IRelayGrain>(next).Forward(part);
        for (int i = 0; i < items.Count; i++)
            statuses[items[i]] = reply.Results[i];
    }
}
