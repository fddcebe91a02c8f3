using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using ShitOps.Grains.Journal;

namespace ShitOps.Silo.Store;

/// <summary>
/// Events ⇄ the bytes of a journal row. Byte 0 is the version; the rest is ZLib over: count; a table of texts, of ids
/// and of digests; then one column a field, each value a variable-length number. In a column 0 is null; texts, ids and
/// digests are places in their table plus one; other numbers are zigzag plus one; times are steps in ticks (100 ns, UTC)
/// from the event before. Version 2 added the last column, references. Not safe for two threads: a writer keeps its own.
/// </summary>
internal sealed class JournalCodec
{
    private const byte Version = 2;

    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, int> _ids = [];
    private readonly Dictionary<ReadOnlyMemory<byte>, int> _digests = new(DigestComparer.Instance);
    private readonly List<string> _textList = [];
    private readonly List<Guid> _idList = [];
    private readonly List<byte[]> _digestList = [];
    private readonly ByteBuffer _columns = new(), _tables = new();

    public byte[] Encode(ReadOnlySpan<JournalEvent> events)
    {
        Clear();
        long last = 0;
        foreach (JournalEvent e in events)
        {
            _columns.Signed(e.At.UtcTicks - last);
            last = e.At.UtcTicks;
        }
        Texts(events, static e => e.Type);
        Ids(events, static e => e.Message);
        Texts(events, static e => e.From);
        Texts(events, static e => e.Team);
        foreach (JournalEvent e in events) _columns.Nullable(e.Node);
        Texts(events, static e => e.Silo);
        Texts(events, static e => e.Verdict);
        Texts(events, static e => e.SignatureVersion);
        foreach (JournalEvent e in events) _columns.Nullable(e.Attempt);
        Texts(events, static e => e.Reason);
        Texts(events, static e => e.Actor);
        Texts(events, static e => e.TraceParent);
        foreach (JournalEvent e in events) _columns.Nullable(e.Size);
        foreach (JournalEvent e in events) _columns.Unsigned(e.Sha256 is { } digest ? Place(_digests, _digestList, digest, digest) : 0);
        Ids(events, static e => e.Reference);

        _tables.Unsigned((ulong)events.Length);
        _tables.Unsigned((ulong)_textList.Count);
        foreach (string text in _textList)
            _tables.Text(text);
        _tables.Unsigned((ulong)_idList.Count);
        foreach (Guid id in _idList)
            id.TryWriteBytes(_tables.Take(16), bigEndian: true, out _);
        _tables.Unsigned((ulong)_digestList.Count);
        foreach (byte[] digest in _digestList)
            _tables.Bytes(digest);

        var output = new MemoryStream(_tables.Length + _columns.Length / 4 + 64);
        output.WriteByte(Version);
        using (var zip = new ZLibStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(_tables.Written);
            zip.Write(_columns.Written);
        }
        return output.ToArray();
    }

    /// <summary>Whether a later version of this program wrote it.</summary>
    public static bool IsLater(ReadOnlySpan<byte> data) => data.Length > 0 && data[0] > Version;

    /// <exception cref="InvalidDataException">Not a journal row, or of a later version.</exception>
    public static JournalEvent[] Decode(byte[] data)
    {
        if (data.Length == 0)
            return [];
        if (data[0] is < 1 or > Version)
            throw new InvalidDataException($"journal row of version {data[0]}; this program reads versions 1 to {Version}");
        using var zip = new ZLibStream(new MemoryStream(data, 1, data.Length - 1), CompressionMode.Decompress);
        var plain = new MemoryStream(data.Length * 4);
        zip.CopyTo(plain);
        var reader = new ByteReader(plain.GetBuffer().AsSpan(0, (int)plain.Length));

        int count = reader.Count();
        string[] texts = new string[reader.Count()];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = Encoding.UTF8.GetString(reader.Bytes(reader.Count()));
        var ids = new Guid[reader.Count()];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = new Guid(reader.Bytes(16), bigEndian: true);
        byte[][] digests = new byte[reader.Count()][];
        for (int i = 0; i < digests.Length; i++)
            digests[i] = reader.Bytes(reader.Count()).ToArray();

        long[] at = new long[count];
        long last = 0;
        for (int i = 0; i < count; i++)
            at[i] = last += reader.Signed();
        string?[] type = Texts(ref reader, texts, count);
        Guid?[] message = Ids(ref reader, ids, count);
        string?[] from = Texts(ref reader, texts, count), team = Texts(ref reader, texts, count);
        int?[] node = Numbers(ref reader, count);
        string?[] silo = Texts(ref reader, texts, count), verdict = Texts(ref reader, texts, count), signatures = Texts(ref reader, texts, count);
        int?[] attempt = Numbers(ref reader, count);
        string?[] reason = Texts(ref reader, texts, count), actor = Texts(ref reader, texts, count), trace = Texts(ref reader, texts, count);
        int?[] size = Numbers(ref reader, count);
        byte[]?[] digest = Digests(ref reader, digests, count);
        Guid?[] reference = data[0] < 2 ? new Guid?[count] : Ids(ref reader, ids, count);
        var events = new JournalEvent[count];
        for (int i = 0; i < count; i++)
        {
            events[i] = new JournalEvent(type[i]!, new DateTimeOffset(at[i], TimeSpan.Zero))
            {
                Message = message[i],
                From = from[i],
                Team = team[i],
                Node = node[i],
                Silo = silo[i],
                Verdict = verdict[i],
                SignatureVersion = signatures[i],
                Attempt = attempt[i],
                Reason = reason[i],
                Actor = actor[i],
                TraceParent = trace[i],
                Size = size[i],
                Sha256 = digest[i],
                Reference = reference[i],
            };
        }
        return events;
    }

    private static string?[] Texts(ref ByteReader reader, string[] texts, int count)
    {
        string?[] values = new string?[count];
        for (int i = 0; i < count; i++)
            values[i] = reader.Count() is > 0 and int place ? texts[place - 1] : null;
        return values;
    }

    private static Guid?[] Ids(ref ByteReader reader, Guid[] ids, int count)
    {
        var values = new Guid?[count];
        for (int i = 0; i < count; i++)
            values[i] = reader.Count() is > 0 and int place ? ids[place - 1] : null;
        return values;
    }

    private static byte[]?[] Digests(ref ByteReader reader, byte[][] digests, int count)
    {
        byte[]?[] values = new byte[]?[count];
        for (int i = 0; i < count; i++)
            values[i] = reader.Count() is > 0 and int place ? digests[place - 1] : null;
        return values;
    }

    private static int?[] Numbers(ref ByteReader reader, int count)
    {
        int?[] values = new int?[count];
        for (int i = 0; i < count; i++)
            values[i] = reader.Nullable();
        return values;
    }

    // Events of one batch follow each other and share most of what they say: the place of the one before is often theirs.
    private void Texts(ReadOnlySpan<JournalEvent> events, Func<JournalEvent, string?> column)
    {
        string? last = null;
        ulong place = 0;
        foreach (JournalEvent e in events)
        {
            string? text = column(e);
            if (!ReferenceEquals(text, last))
                (last, place) = (text, text is null ? 0 : Place(_texts, _textList, text, text));
            _columns.Unsigned(place);
        }
    }

    private void Ids(ReadOnlySpan<JournalEvent> events, Func<JournalEvent, Guid?> column)
    {
        Guid? last = null;
        ulong place = 0;
        foreach (JournalEvent e in events)
        {
            Guid? id = column(e);
            if (id != last)
                (last, place) = (id, id is { } value ? Place(_ids, _idList, value, value) : 0);
            _columns.Unsigned(place);
        }
    }

    private static ulong Place<TKey, TItem>(Dictionary<TKey, int> places, List<TItem> list, TKey key, TItem item) where TKey : notnull
    {
        ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, key, out bool known);
        if (!known)
        {
            list.Add(item);
            place = list.Count;
        }
        return (ulong)place;
    }

    private void Clear()
    {
        _texts.Clear();
        _ids.Clear();
        _digests.Clear();
        _textList.Clear();
        _idList.Clear();
        _digestList.Clear();
        _columns.Clear();
        _tables.Clear();
    }

    private sealed class DigestComparer : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public static readonly DigestComparer Instance = new();

        public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

        // Digests are evenly spread already.
        public int GetHashCode(ReadOnlyMemory<byte> digest) => digest.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(digest.Span) : digest.Length;
    }
}
