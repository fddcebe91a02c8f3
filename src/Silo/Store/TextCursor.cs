using System.Globalization;

namespace ShitOps.Silo.Store;

/// <summary>A cursor that is the last place of the page before.</summary>
internal static class TextCursor
{
    /// <returns>−1 before the first page.</returns>
    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    public static int Number(string? cursor)
    {
        if (cursor is null)
            return -1;
        return int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out int place) ? place : throw new FormatException("not a place of a page");
    }
}
