using System.Security.Cryptography;

namespace ShitOps.Gateway.Messages;

/// <summary>SHA-256 over all that a caller asked for, field by field with its length, so that no two requests run together.</summary>
internal static class RequestDigest
{
    public static byte[] Of(MessageDraft draft, ReadOnlySpan<byte> bodySha256)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.Add(draft.To);
        hash.Add(draft.Subject);
        hash.Add(draft.ContentType);
        hash.Add(draft.OrderingKey);
        hash.Add(draft.CorrelationId);
        hash.Add((long)draft.Priority);
        hash.Add((long)draft.BodyKind);
        hash.Add(draft.DeliverAt?.ToUnixTimeMilliseconds() ?? -1);
        hash.Add(draft.Ttl ?? -1);
        hash.Add(draft.Attachments.Length);
        foreach (Guid attachment in draft.Attachments)
            hash.AppendData(attachment.ToByteArray());
        hash.AppendData(bodySha256);
        if (draft.Ask is { } ask)
        {
            hash.Add(ask.Deadline);
            hash.Add(ask.Quorum ?? -1);
            hash.Add((long)ask.Collate);
            hash.Add(ask.Pointer);
        }
        return hash.GetHashAndReset();
    }
}
