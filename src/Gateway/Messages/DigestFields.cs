using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ShitOps.Gateway.Messages;

/// <summary>Adds fields to a hash, each with its length or of a fixed one, so that no two lists of fields run together.</summary>
internal static class DigestFields
{
    public static void Add(this IncrementalHash hash, string? text)
    {
        hash.Add(text is null ? -1 : Encoding.UTF8.GetByteCount(text));
        if (text is not null)
            hash.AppendData(Encoding.UTF8.GetBytes(text));
    }

    public static void Add(this IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }

    /// <summary>A time to the tick; <c>-1</c> if there is none.</summary>
    public static void Add(this IncrementalHash hash, DateTimeOffset? time) => hash.Add(time?.UtcTicks ?? -1);
}
