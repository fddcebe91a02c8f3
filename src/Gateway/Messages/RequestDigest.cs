using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ShitOps.Gateway.Messages;

/// <summary>SHA-256 over all that a caller asked for, field by field with its length, so that no two requests run together.</summary>
internal static class RequestDigest
{
    public static byte[] Of(MessageDraft draft, ReadOnlySpan<byte> bodySha256)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, draft.To);
        Add(hash, draft.Subject);
        Add(hash, draft.ContentType);
        Add(hash, draft.OrderingKey);
        Add(hash, draft.CorrelationId);
        Add(hash, (long)draft.Priority);
        Add(hash, (long)draft.BodyKind);
        Add(hash, draft.DeliverAt?.ToUnixTimeMilliseconds() ?? -1);
        Add(hash, draft.Ttl ?? -1);
        Add(hash, draft.Attachments.Length);
        foreach (Guid attachment in draft.Attachments)
            hash.AppendData(attachment.ToByteArray());
        hash.AppendData(bodySha256);
        return hash.GetHashAndReset();
    }

    private static void Add(IncrementalHash hash, string? text)
    {
        Add(hash, text is null ? -1 : Encoding.UTF8.GetByteCount(text));
        if (text is not null)
            hash.AppendData(Encoding.UTF8.GetBytes(text));
    }

    private static void Add(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
