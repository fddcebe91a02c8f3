using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ShitOps.Silo.BuiltInScanner;

/// <param name="Anywhere">True: the pattern may begin at any place.</param>
/// <param name="Offset">Else where it begins; negative: that many bytes before the end.</param>
internal sealed record BodySignature(string Name, BytePattern Pattern, bool Anywhere, int Offset);

/// <param name="Size">Null: any.</param>
internal sealed record HashSignature(string Name, byte[] Hash, long? Size);

/// <summary>
/// Signatures read from ClamAV's text formats: .hdb and .hsb (<c>hash:size:name</c>, MD5, SHA-1 or SHA-256, size may be
/// <c>*</c>) and .ndb (<c>name:target:offset:pattern</c>). What is not supported is reported, never passed over.
/// </summary>
internal sealed class SignatureSet
{
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public List<BodySignature> Bodies { get; } = [];

    public List<HashSignature> Hashes { get; } = [];

    /// <summary>File, line number and why, of each line that could not be used.</summary>
    public List<(string File, int Line, string Reason)> Unsupported { get; } = [];

    public int Count => Bodies.Count + Hashes.Count;

    /// <summary>Names what was read: changes when the signatures do.</summary>
    public string Version => $"builtin/{Count}/{Convert.ToHexStringLower(_digest.GetCurrentHash().AsSpan(0, 4))}";

    public static bool Knows(string file) => Path.GetExtension(file) is ".hdb" or ".hsb" or ".ndb";

    public void Read(string file, TextReader reader)
    {
        bool body = Path.GetExtension(file) == ".ndb";
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            line = line.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            try
            {
                if (body)
                    Bodies.Add(ParseBody(line));
                else
                    Hashes.Add(ParseHash(line));
                _digest.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
            }
            catch (FormatException error)
            {
                Unsupported.Add((file, number, error.Message));
            }
        }
    }

    private static BodySignature ParseBody(string line)
    {
        string[] fields = line.Split(':');
        if (fields.Length is < 4 or > 6 || fields[0].Length == 0)
            throw new FormatException("not name:target:offset:pattern");
        if (fields[1] != "0")
            throw new FormatException($"target type {fields[1]} is not supported");
        BytePattern pattern = BytePattern.Parse(fields[3]);
        if (fields[2] == "*")
            return new(fields[0], pattern, true, 0);
        bool fromEnd = fields[2].StartsWith("EOF-", StringComparison.Ordinal);
        if (!int.TryParse(fields[2].AsSpan(fromEnd ? 4 : 0), NumberStyles.None, CultureInfo.InvariantCulture, out int offset) || (fromEnd && offset == 0))
            throw new FormatException($"offset {fields[2]} is not supported");
        return new(fields[0], pattern, false, fromEnd ? -offset : offset);
    }

    private static HashSignature ParseHash(string line)
    {
        string[] fields = line.Split(':');
        if (fields.Length is < 3 or > 5 || fields[2].Length == 0)
            throw new FormatException("not hash:size:name");
        if (fields[0].Length is not (32 or 40 or 64) || !fields[0].All(char.IsAsciiHexDigit))
            throw new FormatException("the hash is no MD5, SHA-1 or SHA-256");
        long size = 0;
        if (fields[1] != "*" && !long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out size))
            throw new FormatException("the size is no number");
        return new(fields[2], Convert.FromHexString(fields[0]), fields[1] == "*" ? null : size);
    }
}
