using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ShitOps.Silo.BuiltInScanner;

/// <summary>
/// Looks for all signatures in one content. Patterns at a fixed place are compared there. Patterns that may be anywhere
/// share one pass: a table tells which of them have the two bytes at hand in their given run. Hashes are only computed
/// if a signature of that kind and size exists.
/// </summary>
internal sealed class SignatureMatcher
{
    private readonly BodySignature[] _fixed;
    private readonly BodySignature[]?[]? _byPair;
    private readonly HashTable[] _hashes;

    public SignatureMatcher(SignatureSet signatures)
    {
        _fixed = [.. signatures.Bodies.Where(body => !body.Anywhere)];
        BodySignature[] anywhere = [.. signatures.Bodies.Where(body => body.Anywhere)];
        if (anywhere.Length > 0)
        {
            _byPair = new BodySignature[]?[65_536];
            foreach (IGrouping<int, BodySignature> group in anywhere.GroupBy(body => Pair(body.Pattern.Exact)))
                _byPair[group.Key] = [.. group];
        }
        _hashes = [.. signatures.Hashes.GroupBy(hash => hash.Hash.Length).Select(group => new HashTable(group.Key, group))];
    }

    private static int Pair(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8);

    /// <returns>The signature's name, or null.</returns>
    public string? Find(ReadOnlySpan<byte> content)
    {
        foreach (BodySignature body in _fixed)
        {
            int at = body.Offset < 0 ? content.Length + body.Offset : body.Offset;
            if (at >= 0 && at < content.Length && body.Pattern.MatchesAt(content, at))
                return body.Name;
        }
        if (_byPair is not null && FindAnywhere(content, _byPair) is { } name)
            return name;
        foreach (HashTable table in _hashes)
        {
            if (table.Find(content) is { } hash)
                return hash;
        }
        return null;
    }

    private static string? FindAnywhere(ReadOnlySpan<byte> content, BodySignature[]?[] byPair)
    {
        for (int i = 0; i < content.Length - 1; i++)
        {
            if (byPair[content[i] | (content[i + 1] << 8)] is not { } candidates)
                continue;
            foreach (BodySignature body in candidates)
            {
                BytePattern pattern = body.Pattern;
                if (i >= pattern.ExactAt && content[i..].StartsWith(pattern.Exact) && pattern.MatchesAt(content, i - pattern.ExactAt))
                    return body.Name;
            }
        }
        return null;
    }

    /// <summary>Signatures by one hash algorithm.</summary>
    private sealed class HashTable
    {
        private readonly int _length;
        private readonly HashSet<long> _sizes;
        private readonly bool _anySize;
        private readonly ILookup<string, HashSignature> _byHash;

        public HashTable(int length, IEnumerable<HashSignature> signatures)
        {
            HashSignature[] all = [.. signatures];
            _length = length;
            _sizes = [.. all.Where(one => one.Size is not null).Select(one => one.Size!.Value)];
            _anySize = all.Any(one => one.Size is null);
            _byHash = all.ToLookup(one => Convert.ToHexString(one.Hash));
        }

        public string? Find(ReadOnlySpan<byte> content)
        {
            long size = content.Length;
            if (!_anySize && !_sizes.Contains(size))
                return null;
            return _byHash[Convert.ToHexString(Hash(content))].FirstOrDefault(one => one.Size is null || one.Size == size)?.Name;
        }

        [SuppressMessage("Security", "CA5350", Justification = "Signature files name malware by SHA-1.")]
        [SuppressMessage("Security", "CA5351", Justification = "Signature files name malware by MD5.")]
        private byte[] Hash(ReadOnlySpan<byte> content) => _length switch
        {
            16 => MD5.HashData(content),
            20 => SHA1.HashData(content),
            _ => SHA256.HashData(content),
        };
    }
}
