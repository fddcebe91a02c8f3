using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ShitOps.Bench;

/// <summary>
/// What one POST carries: a message a line. The time of posting travels as the correlation id, in ticks of
/// <see cref="Stopwatch"/>, and is put in last.
/// </summary>
internal sealed class Parcel
{
    private const int Digits = 19;
    /// <summary>What a line holds besides its body, at most: a name, a time, a correlation id and the fields' names.</summary>
    private const int AroundBody = 256;
    private readonly byte[] _bytes;
    private readonly int[] _stamps;
    private int _length;

    /// <param name="names">Of the teams.</param>
    /// <param name="from">The sender's number.</param>
    /// <param name="to">The recipients' numbers, or <see cref="Ledger.Everybody"/>; one message each.</param>
    /// <param name="deliverAt">Tomorrow, for what is to wait.</param>
    public Parcel(Random random, IReadOnlyList<string> names, int from, int[] to, int body, DateTimeOffset? deliverAt = null)
    {
        (From, To) = (from, to);
        _bytes = new byte[to.Length * (body + AroundBody)];
        _stamps = new int[to.Length];
        for (int i = 0; i < to.Length; i++)
        {
            Write("{\"to\":\"");
            Write(to[i] == Ledger.Everybody ? "all" : names[to[i]]);
            if (deliverAt is { } due)
                Write(string.Create(CultureInfo.InvariantCulture, $"\",\"deliverAt\":\"{due.UtcDateTime:yyyy-MM-ddTHH:mm:ss}Z"));
            Write("\",\"correlationId\":\"");
            _stamps[i] = _length;
            _length += Digits;
            Write("\",\"body\":\"");
            RandomText.Fill(random, _bytes.AsSpan(_length, body));
            _length += body;
            Write("\"}\n");
        }
    }

    public int From { get; }
    public int[] To { get; }

    /// <param name="postedAt">A <see cref="Stopwatch"/> timestamp.</param>
    public ReadOnlyMemory<byte> Stamp(long postedAt)
    {
        foreach (int at in _stamps)
            postedAt.TryFormat(_bytes.AsSpan(at, Digits), out _, "D19", CultureInfo.InvariantCulture);
        return _bytes.AsMemory(0, _length);
    }

    private void Write(string text) => _length += Encoding.ASCII.GetBytes(text, _bytes.AsSpan(_length));
}
