using System.Data.Common;

namespace ShitOps.Silo.Store;

/// <summary>How values are stored: ids 16 bytes big-endian, times Unix milliseconds.</summary>
internal static class Columns
{
    public static object ToColumn(this Guid id) => id.ToByteArray(bigEndian: true);
    public static object ToColumn(this DateTimeOffset time) => time.ToUnixTimeMilliseconds();
    public static object? ToColumn(this DateTimeOffset? time) => time?.ToUnixTimeMilliseconds();

    /// <summary>A text for people that may be longer than its column: its beginning.</summary>
    public static string? Cut(this string? text, int length)
    {
        if (text is null || text.Length <= length)
            return text;
        // Not in the middle of a surrogate pair.
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    public static object? ToColumn(this Guid[] ids)
    {
        if (ids.Length == 0)
            return null;
        byte[] bytes = new byte[16 * ids.Length];
        for (int i = 0; i < ids.Length; i++)
            ids[i].TryWriteBytes(bytes.AsSpan(16 * i), bigEndian: true, out _);
        return bytes;
    }

    public static Guid Id(this DbDataReader row, int column) => new(row.GetFieldValue<byte[]>(column), bigEndian: true);
    public static Guid? IdOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.Id(column);
    public static DateTimeOffset Time(this DbDataReader row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
    public static DateTimeOffset? TimeOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);
    public static string? TextOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
    public static byte[] Bytes(this DbDataReader row, int column) => row.GetFieldValue<byte[]>(column);
    public static byte[]? BytesOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.Bytes(column);
    public static int? NumberOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt32(column);

    public static Guid[] Ids(this DbDataReader row, int column)
    {
        if (row.IsDBNull(column))
            return [];
        byte[] bytes = row.Bytes(column);
        var ids = new Guid[bytes.Length / 16];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = new Guid(bytes.AsSpan(16 * i, 16), bigEndian: true);
        return ids;
    }
}
