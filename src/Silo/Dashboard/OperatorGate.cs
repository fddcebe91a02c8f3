using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ShitOps.Grains;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Dashboard;

/// <summary>
/// Tells operators from others: the key comes as <c>Authorization: Bearer KEY</c>, or as the password of
/// <c>Authorization: Basic</c> with any name, which is what a browser asks for. It is looked up by its hash, in the
/// configuration and where all keys are.
/// </summary>
/// <remarks>RFC 6750, RFC 7617.</remarks>
internal sealed class OperatorGate(IAccessKeyStore keys, IConfiguration configuration, TimeProvider time)
{
    /// <summary>The same setting that a gateway reads.</summary>
    public const string OperatorSetting = "SHITOPS_OPERATOR_KEY";
    private const int MinLength = 16, MaxLength = 512, Capacity = 100;

    /// <summary>A page of the dashboard asks several times a second; a revoked key is refused after this time.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10);

    private readonly byte[]? _configured = configuration[OperatorSetting] is { Length: >= MinLength and <= MaxLength } key ? Hash(key) : null;
    private readonly ConcurrentDictionary<string, long> _known = new(StringComparer.Ordinal);

    public async Task<bool> MayPassAsync(HttpRequest request, CancellationToken stop)
    {
        if (request.Headers.Authorization is not [{ } header] || KeyIn(header) is not { Length: > 0 and <= MaxLength } key)
            return false;
        byte[] hash = Hash(key);
        if (_configured is not null && CryptographicOperations.FixedTimeEquals(hash, _configured))
            return true;
        string known = Convert.ToHexStringLower(hash);
        if (_known.TryGetValue(known, out long since) && time.GetElapsedTime(since) < KeptFor)
            return true;
        if (await keys.FindAsync(hash, stop) is not { Role: Role.Operator })
            return false;
        if (_known.Count >= Capacity)
            _known.Clear();
        _known[known] = time.GetTimestamp();
        return true;
    }

    internal static string? KeyIn(string header)
    {
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return header["Bearer ".Length..].Trim(' ');
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return null;
        byte[] pair = new byte[header.Length];
        if (!Convert.TryFromBase64String(header["Basic ".Length..].Trim(' '), pair, out int length))
            return null;
        string text = Encoding.UTF8.GetString(pair, 0, length);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : text[(colon + 1)..];
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
