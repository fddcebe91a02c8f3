using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ShitOps.Client;

/// <summary>
/// For those who receive pushes: tells whether one comes from the team's webhook and is not a recording, as Standard
/// Webhooks says (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
/// </summary>
/// <param name="secret"><c>whsec_…</c> as it was shown.</param>
/// <exception cref="FormatException">The secret is none.</exception>
public sealed class WebhookVerifier(string secret)
{
    private const string Prefix = "whsec_";

    private readonly byte[] _key = secret.StartsWith(Prefix, StringComparison.Ordinal)
        ? Convert.FromBase64String(secret[Prefix.Length..])
        : throw new FormatException($"a webhook's secret begins with {Prefix}");

    /// <summary>How far the receiver's clock and the push's may be apart.</summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromMinutes(5);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <param name="id">Header <c>webhook-id</c>: the same for each attempt, to know a repetition by.</param>
    /// <param name="timestamp">Header <c>webhook-timestamp</c>.</param>
    /// <param name="signatures">Header <c>webhook-signature</c>.</param>
    /// <param name="body">The bytes as they came.</param>
    public bool IsGenuine(string id, string timestamp, string signatures, ReadOnlySpan<byte> body)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            || Math.Abs(Time.GetUtcNow().ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds)
            return false;
        byte[] expected = Encoding.ASCII.GetBytes("v1," + Convert.ToBase64String(HMACSHA256.HashData(_key, (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body])));
        return signatures.Split(' ').Any(signature => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), expected));
    }
}
