using System.Buffers.Binary;
using System.Globalization;

namespace ShitOps.Silo.Store;

/// <summary>Places in a list that is ordered by ids of version 7, newest first. The cursor is the last id that was looked at.</summary>
internal static class IdCursor
{
    /// <summary>The least id that a moment's millisecond can have (RFC 9562, 5.7).</summary>
    public static Guid FirstOf(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes, Math.Max(0, at.ToUnixTimeMilliseconds()) << 16);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Ids of a page are smaller than this.</summary>
    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    public static Guid Before(string? cursor, DateTimeOffset? until = null)
    {
        Guid upper = until is { } at ? FirstOf(at) : Guid.AllBitsSet;
        if (cursor is null)
            return upper;
        Guid place = Guid.TryParseExact(cursor, "N", out Guid id) ? id : throw new FormatException("not a place of a page");
        return place < upper ? place : upper;
    }

    public static string Of(Guid id) => id.ToString("N", CultureInfo.InvariantCulture);
}
