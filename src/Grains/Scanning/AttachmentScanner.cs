using System.Security.Cryptography;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Scanning;

/// <param name="SignatureVersion">Null if no signatures were asked: released by security, or never scanned.</param>
public readonly record struct AttachmentVerdict(Verdict Verdict, string? SignatureVersion, bool Cached);

/// <summary>
/// Scans attachments that messages name. They were scanned when uploaded; here they are streamed through the scanner
/// again when its signatures have changed since.
/// </summary>
public sealed class AttachmentScanner(IScanner scanner, IBodyOpener opener, IAttachmentStore store, VerdictCache cache)
{
    /// <summary>Remembers an attachment as clean, so that its first message need not scan it again.</summary>
    public void Remember(byte[] sha256, string signatureVersion) => cache.Add(VerdictKey.OfAttachment(sha256), signatureVersion);

    public async Task<IReadOnlyDictionary<Guid, AttachmentVerdict>> ScanAsync(IReadOnlyList<Guid> ids, CancellationToken stop = default)
    {
        var verdicts = new Dictionary<Guid, AttachmentVerdict>();
        foreach (AttachmentInfo info in ids.Count == 0 ? [] : await store.InfosAsync(ids, stop).ConfigureAwait(false))
            verdicts[info.Id] = await ScanAsync(info, stop).ConfigureAwait(false);
        foreach (Guid id in ids)
            verdicts.TryAdd(id, Unscannable("the attachment is gone"));
        return verdicts;
    }

    private async Task<AttachmentVerdict> ScanAsync(AttachmentInfo info, CancellationToken stop)
    {
        if (info.State == "released")
            return new(Verdict.Clean, null, true);
        if (info.State != "clean")
            return Unscannable($"the attachment is {info.State}");
        VerdictKey key = VerdictKey.OfAttachment(info.Sha256);
        if (scanner.SignatureVersion is not { } version)
            return new(new(VerdictKind.Unavailable, "the scanner is away"), null, false);
        if (cache.Contains(key, version))
            return new(Verdict.Clean, version, true);

        await using IStreamScan scan = await scanner.OpenStreamAsync(stop).ConfigureAwait(false);
        if (await StreamAsync(info, scan, stop).ConfigureAwait(false) is { } reason)
            return Unscannable(reason);
        ScanReport report = await scan.CompleteAsync(stop).ConfigureAwait(false);
        Verdict verdict = report.Verdicts[0];
        if (verdict.Kind == VerdictKind.Clean)
            cache.Add(key, report.SignatureVersion!);
        return new(verdict, report.SignatureVersion, false);
    }

    /// <returns>Null, or why it cannot be scanned.</returns>
    private async Task<string?> StreamAsync(AttachmentInfo info, IStreamScan scan, CancellationToken stop)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int number = 0; number < info.Chunks; number++)
        {
            if (await store.ChunkAsync(info.Id, number, stop).ConfigureAwait(false) is not { } chunk)
                return "the attachment is incomplete";
            byte[] plain;
            try
            {
                plain = await opener.OpenAsync(chunk, info.Id, number, stop).ConfigureAwait(false);
            }
            catch (CryptographicException)
            {
                return MessageScanner.Unsealable;
            }
            digest.AppendData(plain);
            await scan.AppendAsync(plain, stop).ConfigureAwait(false);
        }
        return digest.GetHashAndReset().AsSpan().SequenceEqual(info.Sha256) ? null : MessageScanner.WrongDigest;
    }

    private static AttachmentVerdict Unscannable(string reason) => new(new(VerdictKind.Unscannable, reason), null, false);
}
