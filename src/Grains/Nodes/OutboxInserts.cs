using System.Security.Cryptography;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Nodes;

/// <summary>How a message gets into the outbox of a hub, whoever made it.</summary>
internal static class OutboxInserts
{
    /// <summary>A place in an outbox: by the clock, in µs, so that hubs and others may give them without asking each other.</summary>
    public static long Sequence(DateTimeOffset now) => now.ToUnixTimeMilliseconds() * 1000;

    /// <summary>The same for one that gives many: each greater than the last.</summary>
    public static long SequenceAfter(long last, DateTimeOffset now) => Math.Max(last + 1, Sequence(now));

    public static InsertMessage Insert(NewMessage message, NodeKey hub, string silo, MessageState state, long sequence, DateTimeOffset now) =>
        new(message, hub, state, sequence, now) { Events = [Event(EventTypes.MessageAccepted, message, hub, silo, now)] };

    public static JournalEvent Event(string type, NewMessage message, NodeKey hub, string silo, DateTimeOffset now) => new(type, now)
    {
        Message = message.Id,
        Reference = message.Reference,
        From = message.From,
        Team = message.To,
        Node = hub.Index,
        Silo = silo,
        Size = message.Size,
        Sha256 = message.Sha256,
        TraceParent = message.TraceParent,
    };

    /// <summary>A JSON message that a silo makes by itself: it is scanned and carried like any other.</summary>
    /// <param name="reference">The ask or task it tells of.</param>
    public static NewMessage Made(
        Guid id, MessageKind kind, Guid reference, string from, string to, string? subject, byte[] plain, byte[] sealedBody, string? traceParent) => new()
        {
            Id = id,
            From = from,
            To = to,
            Subject = subject,
            ContentType = "application/json",
            BodyKind = BodyKind.Json,
            SealedBody = sealedBody,
            Size = plain.Length,
            Sha256 = SHA256.HashData(plain),
            TraceParent = traceParent,
            Kind = kind,
            Reference = reference,
        };
}
