using System.Globalization;

namespace ShitOps.Silo.BuiltInScanner;

/// <summary>
/// One pattern of an .ndb line: hex digits, <c>?</c> for any half byte, <c>*</c> for any number of bytes, <c>{n}</c>,
/// <c>{-n}</c>, <c>{n-}</c>, <c>{n-m}</c> for that many (docs.clamav.net, Body-based Signature Content Format).
/// </summary>
internal sealed class BytePattern
{
    private readonly Piece[] _pieces;

    private BytePattern(Piece[] pieces)
    {
        _pieces = pieces;
        Piece anchor = pieces.Where(piece => piece.Exact.Length >= 2).MaxBy(piece => piece.Exact.Length)
            ?? throw new FormatException("no two bytes in a row that are given");
        // Only what stands at a fixed distance from the pattern's start can be looked for.
        Anchor = pieces[0].Exact.Length >= 2 ? pieces[0] : anchor == pieces[0] ? anchor : throw new FormatException("a gap before the first given bytes");
    }

    /// <summary>A run of bytes, each compared under its mask, after a gap.</summary>
    /// <param name="ExactAt">Where in the piece its longest run without wildcards begins.</param>
    internal sealed record Piece(int GapLeast, int GapMost, byte[] Value, byte[] Mask, int ExactAt, byte[] Exact);

    private Piece Anchor { get; }

    /// <summary>Bytes that must be there, without wildcards.</summary>
    public ReadOnlySpan<byte> Exact => Anchor.Exact;

    /// <summary>How far behind the pattern's start they are.</summary>
    public int ExactAt => Anchor.ExactAt;

    public bool MatchesAt(ReadOnlySpan<byte> content, int start) => Matches(content, start, 0);

    private bool Matches(ReadOnlySpan<byte> content, int at, int index)
    {
        if (index == _pieces.Length)
            return true;
        Piece piece = _pieces[index];
        int most = (int)Math.Min((long)at + piece.GapMost, content.Length - piece.Value.Length);
        for (int place = at + piece.GapLeast; place <= most; place++)
        {
            if (piece.Exact.Length > 1)
            {
                // Straight to the next place where the given bytes stand.
                int found = content[(place + piece.ExactAt)..Math.Min(content.Length, most + piece.ExactAt + piece.Exact.Length)].IndexOf(piece.Exact);
                if (found < 0)
                    return false;
                place += found;
            }
            if (EqualsAt(content, place, piece) && Matches(content, place + piece.Value.Length, index + 1))
                return true;
            // Before an open gap the first place is as good as any later one.
            if (index + 1 < _pieces.Length && _pieces[index + 1].GapMost == int.MaxValue && EqualsAt(content, place, piece))
                return false;
        }
        return false;
    }

    private static bool EqualsAt(ReadOnlySpan<byte> content, int place, Piece piece)
    {
        for (int i = 0; i < piece.Value.Length; i++)
        {
            if ((content[place + i] & piece.Mask[i]) != piece.Value[i])
                return false;
        }
        return true;
    }

    /// <exception cref="FormatException">Not of the subset above.</exception>
    public static BytePattern Parse(ReadOnlySpan<char> text)
    {
        var pieces = new List<Piece>();
        var value = new List<byte>();
        var mask = new List<byte>();
        (int Least, int Most) gap = (0, 0);
        while (text.Length > 0)
        {
            if (text[0] is '*' or '{')
            {
                if (value.Count == 0)
                    throw new FormatException("a gap without bytes before it");
                pieces.Add(MakePiece(gap, value, mask));
                int end = text[0] == '*' ? 0 : text.IndexOf('}');
                if (end < 0)
                    throw new FormatException("a { without a }");
                gap = end == 0 ? (0, int.MaxValue) : ParseGap(text[1..end]);
                text = text[(end + 1)..];
                continue;
            }
            if (text.Length < 2)
                throw new FormatException("half a byte");
            (int highValue, int highMask) = ParseNibble(text[0]);
            (int lowValue, int lowMask) = ParseNibble(text[1]);
            value.Add((byte)((highValue << 4) | lowValue));
            mask.Add((byte)((highMask << 4) | lowMask));
            text = text[2..];
        }
        if (value.Count == 0)
            throw new FormatException("no bytes after the last gap");
        pieces.Add(MakePiece(gap, value, mask));
        return new([.. pieces]);
    }

    private static (int Least, int Most) ParseGap(ReadOnlySpan<char> text)
    {
        int dash = text.IndexOf('-');
        if (dash < 0)
            return (Number(text), Number(text));
        int least = dash == 0 ? 0 : Number(text[..dash]);
        int most = dash == text.Length - 1 ? int.MaxValue : Number(text[(dash + 1)..]);
        return least <= most && text.Length > 1 ? (least, most) : throw new FormatException("a gap that holds nothing");

        static int Number(ReadOnlySpan<char> digits) =>
            digits.Length <= 8 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw new FormatException("a gap that is no number");
    }

    private static (int Value, int Mask) ParseNibble(char c) =>
        c == '?' ? (0, 0) : char.IsAsciiHexDigit(c) ? (Convert.ToInt32(c.ToString(), 16), 15) : throw new FormatException($"'{c}' is not supported");

    private static Piece MakePiece((int Least, int Most) gap, List<byte> value, List<byte> mask)
    {
        int bestAt = 0, best = 0;
        for (int i = 0, run = 0; i < mask.Count; i++)
        {
            run = mask[i] == 0xff ? run + 1 : 0;
            if (run > best)
                (best, bestAt) = (run, i + 1 - run);
        }
        var piece = new Piece(gap.Least, gap.Most, [.. value], [.. mask], bestAt, [.. value.Skip(bestAt).Take(best)]);
        value.Clear();
        mask.Clear();
        return piece;
    }
}
