using System.Buffers;
using System.IO.Compression;
using ShitOps.Grains.Scanning;

namespace ShitOps.Silo.BuiltInScanner;

/// <summary>Scans what is in ZIP archives, archives in archives too. What cannot be looked at is unscannable.</summary>
internal sealed class ZipContents(Func<ReadOnlyMemory<byte>, string?> find)
{
    public const int MaxDepth = 8;
    public const int MaxEntries = 10_000;
    public const long MaxInflated = 128 * 1024 * 1024;

    private int _entries;
    private long _inflated;

    public Verdict Scan(ReadOnlyMemory<byte> content, int depth = 0)
    {
        if (find(content) is { } signature)
            return new(VerdictKind.Infected, signature);
        bool begins = content.Span.StartsWith("PK\x03\x04"u8);
        if (!begins && !HasEnd(content.Span))
            return Verdict.Clean;
        if (depth == MaxDepth)
            return Unscannable($"archives nested deeper than {MaxDepth}");
        try
        {
            using var archive = new ZipArchive(new MemoryStream(content.ToArray()), ZipArchiveMode.Read);
            return ScanEntries(archive, depth);
        }
        catch (InvalidDataException)
        {
            // Bytes that only look like the end of an archive are no archive; one that begins as such is damaged.
            return begins ? Unscannable("a damaged archive") : Verdict.Clean;
        }
    }

    private Verdict ScanEntries(ZipArchive archive, int depth)
    {
        Verdict worst = Verdict.Clean;
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            if (++_entries > MaxEntries)
                return Unscannable($"more than {MaxEntries} archived files");
            Verdict verdict = ScanEntry(entry, depth);
            if (verdict.Kind == VerdictKind.Infected)
                return verdict;
            if (verdict.Kind == VerdictKind.Unscannable)
                worst = verdict;
        }
        return worst;
    }

    private Verdict ScanEntry(ZipArchiveEntry entry, int depth)
    {
        if (entry.IsEncrypted)
            return Unscannable("an encrypted archive");
        var plain = new ArrayBufferWriter<byte>();
        try
        {
            using Stream stream = entry.Open();
            while (true)
            {
                // The sizes an archive states are claims: only what is read counts.
                int read = stream.Read(plain.GetSpan(64 * 1024));
                if (read == 0)
                    break;
                plain.Advance(read);
                _inflated += read;
                if (_inflated > MaxInflated)
                    return Unscannable($"archives that inflate to more than {MaxInflated} bytes");
            }
        }
        catch (InvalidDataException)
        {
            return Unscannable("a damaged archive");
        }
        return Scan(plain.WrittenMemory, depth + 1);
    }

    /// <summary>The end record stands in the last 22 + 65,535 bytes (APPNOTE.TXT, 4.3.16).</summary>
    private static bool HasEnd(ReadOnlySpan<byte> content) =>
        content.Length >= 22 && content[Math.Max(0, content.Length - 65_557)..].LastIndexOf("PK\x05\x06"u8) >= 0;

    private static Verdict Unscannable(string reason) => new(VerdictKind.Unscannable, reason);
}
