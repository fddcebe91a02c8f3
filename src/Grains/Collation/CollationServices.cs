using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Collation;

/// <summary>What every collation of a silo shares.</summary>
public sealed class CollationServices(
    IAskStore asks, ICommitQueue commits, MessageScanner scanner, IBodyOpener opener, IBodySealer sealer, TreeWatch tree, IGrainFactory grains,
    ILocalSiloDetails silo, TimeProvider time, ILogger<CollationServices> log)
{
    public IAskStore Asks => asks;
    public ICommitQueue Commits => commits;
    public MessageScanner Scanner => scanner;
    public IBodySealer Sealer => sealer;
    public TreeWatch Tree => tree;
    public string Silo => silo.Name;
    public DateTimeOffset Now => time.GetUtcNow();
    public ILogger Log => log;

    public ICollationGrain Node(CollationKey key) => grains.GetGrain<ICollationGrain>(key.ToString());

    public INodeGrain Hub(NodeKey key) => grains.GetGrain<INodeGrain>(key.ToString());

    public Task DelayAsync(TimeSpan pause) => Task.Delay(pause, time);

    /// <summary>A plain reply, null if it cannot be opened (any more).</summary>
    public async Task<byte[]?> OpenReplyAsync(Guid reply, byte[]? body)
    {
        if (body is null)
            return null;
        try
        {
            return await opener.OpenAsync(body, reply);
        }
        catch (CryptographicException error)
        {
            CollationLog.ReplyUnreadable(log, reply, error);
            return null;
        }
    }

    /// <summary>What one reply gives to the result.</summary>
    internal async Task<Reduced?> FindAsync(Reduction reduction, Guid reply, BodyKind kind, byte[]? body) =>
        reduction.IsList || await OpenReplyAsync(reply, body) is not { } plain ? null : reduction.Find(kind, plain);

    internal async Task<Partial> SealAsync(Guid ask, Taken taken) => taken.Value is null
        ? taken.Partial
        : taken.Partial with { SealedValue = await sealer.SealAsync(taken.Value.ToJson(), ask, Part(taken.Partial.Node)) };

    internal async Task<Reduced?> OpenAsync(Guid ask, int node, byte[]? value) =>
        value is null ? null : Reduced.Parse(await opener.OpenAsync(value, ask, Part(node)));

    /// <summary>Part 0 of the ask is the question.</summary>
    private static int Part(int node) => 1 + node;
}
