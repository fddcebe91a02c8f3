using System.Diagnostics;
using System.Security.Cryptography;
using ShitOps.Grains.Telemetry;

namespace ShitOps.Grains.Scanning;

/// <summary>A message to be scanned. <paramref name="Sealed"/> is null when the body was purged.</summary>
/// <param name="Sha256">Of the plain body, 32 bytes.</param>
/// <param name="Part">Under which part of the id the body was sealed.</param>
public sealed record MessageContent(Guid Id, byte[] Sha256, BodyKind Kind, byte[]? Sealed, string? Subject, IReadOnlyList<Guid> Attachments, int Part = 0);

/// <param name="SignatureVersion">By what the verdict was made; null while the scanner is away.</param>
/// <param name="Cached">True if nothing had to be scanned.</param>
public readonly record struct MessageVerdict(Guid Id, Verdict Verdict, string? SignatureVersion, bool Cached);

/// <summary>
/// Scans messages: opens each body in memory, cuts it into parts, has the parts of all messages of a call scanned in one
/// go, and combines what was found, the worst deciding. Clean messages are remembered. One a silo.
/// </summary>
public sealed class MessageScanner(IScanner scanner, IBodyOpener opener, AttachmentScanner attachments, VerdictCache cache, SiloMetrics? metrics = null)
{
    public const string Unsealable = "unsealable";
    public const string WrongDigest = "digest";
    public const string NoBody = "no body";

    /// <summary>The signatures in use, null while the scanner is away.</summary>
    public string? SignatureVersion => scanner.SignatureVersion;

    /// <summary>True if a message found clean under that version need not be scanned again here.</summary>
    public bool IsCurrent(string signatureVersion) => scanner.IsCurrent(signatureVersion);

    /// <summary>One verdict a message, in order. Never throws for a scanner that is away, nor for a body that cannot be opened.</summary>
    public async Task<MessageVerdict[]> ScanAsync(IReadOnlyList<MessageContent> messages, CancellationToken stop = default)
    {
        var verdicts = new MessageVerdict[messages.Count];
        var open = new List<Work>();
        // Read before the scan: signatures that change meanwhile make the verdict older than it says, never newer.
        string? version = scanner.SignatureVersion;
        for (int i = 0; i < messages.Count; i++)
        {
            MessageContent message = messages[i];
            if (version is null)
                verdicts[i] = new(message.Id, new(VerdictKind.Unavailable, "the scanner is away"), null, false);
            else if (cache.Contains(KeyOf(message), version))
                verdicts[i] = new(message.Id, Verdict.Clean, version, true);
            else
                open.Add(new(i, message, []));
        }
        if (open.Count > 0)
            await ScanBodiesAsync(open, verdicts, version, stop).ConfigureAwait(false);
        if (version is not null && messages.Any(message => message.Attachments.Count > 0))
            await AddAttachmentsAsync(messages, verdicts, stop).ConfigureAwait(false);
        return verdicts;
    }

    private async Task ScanBodiesAsync(List<Work> open, MessageVerdict[] verdicts, string? version, CancellationToken stop)
    {
        var parts = new PartList();
        foreach (Work work in open)
        {
            if (await CutAsync(work, parts, stop).ConfigureAwait(false) is { } reason)
            {
                verdicts[work.Place] = new(work.Message.Id, new(VerdictKind.Unscannable, reason), version, false);
                work.Parts.Clear();
                work.Decided = true;
            }
        }
        ScanReport report = parts.Parts.Count == 0 ? new(version, []) : await ScanAsync(parts, stop).ConfigureAwait(false);
        foreach (Work work in open)
        {
            if (work.Decided)
                continue;
            Verdict verdict = Verdict.Clean;
            foreach (int part in work.Parts)
                verdict = Worse(verdict, report.Verdicts[part]);
            if (report.SignatureVersion is null && verdict.Kind == VerdictKind.Clean)
                verdict = new(VerdictKind.Unavailable, "the scanner is away");
            if (verdict.Kind == VerdictKind.Clean)
                cache.Add(KeyOf(work.Message), report.SignatureVersion!);
            verdicts[work.Place] = new(work.Message.Id, verdict, report.SignatureVersion, false);
        }
        // Only here: had the scan thrown, the scanner might still be reading the parts.
        parts.Dispose();
    }

    private async Task<ScanReport> ScanAsync(PartList parts, CancellationToken stop)
    {
        using Activity? activity = SiloTrace.Part("scan", ActivityKind.Client)?.SetTag("shitops.scan.parts", parts.Parts.Count);
        long start = metrics?.Start() ?? 0;
        ScanReport report = await scanner.ScanAsync(parts.Parts, stop).ConfigureAwait(false);
        metrics?.Scanned(parts.Parts.Count, start);
        return report;
    }

    private async ValueTask<string?> CutAsync(Work work, PartList parts, CancellationToken stop)
    {
        MessageContent message = work.Message;
        if (message.Sealed is null)
            return NoBody;
        byte[] body;
        try
        {
            body = await opener.OpenAsync(message.Sealed, message.Id, message.Part, stop).ConfigureAwait(false);
        }
        catch (CryptographicException)
        {
            return Unsealable;
        }
        return SHA256.HashData(body).AsSpan().SequenceEqual(message.Sha256)
            ? ContentParts.Cut(message.Kind, body, message.Subject, parts, work.Parts)
            : WrongDigest;
    }

    private async Task AddAttachmentsAsync(IReadOnlyList<MessageContent> messages, MessageVerdict[] verdicts, CancellationToken stop)
    {
        Guid[] ids = [.. messages.Where((message, i) => verdicts[i].Verdict.Kind == VerdictKind.Clean).SelectMany(message => message.Attachments).Distinct()];
        IReadOnlyDictionary<Guid, AttachmentVerdict> found = await attachments.ScanAsync(ids, stop).ConfigureAwait(false);
        for (int i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i].Verdict.Kind != VerdictKind.Clean)
                continue;
            foreach (Guid id in messages[i].Attachments)
            {
                AttachmentVerdict attachment = found[id];
                Verdict verdict = Worse(verdicts[i].Verdict, attachment.Verdict);
                // Several engines may serve: if the attachment was looked at by signatures that are no longer in use, the
                // message must not claim newer ones for it.
                string? version = attachment.SignatureVersion is { } own && !scanner.IsCurrent(own) ? own : verdicts[i].SignatureVersion;
                verdicts[i] = verdicts[i] with { Verdict = verdict, SignatureVersion = version, Cached = verdicts[i].Cached && attachment.Cached };
            }
        }
    }

    private static VerdictKey KeyOf(MessageContent message) => VerdictKey.OfMessage(message.Kind, message.Sha256, message.Subject);

    private static Verdict Worse(Verdict a, Verdict b) => Rank(b.Kind) > Rank(a.Kind) ? b : a;

    private static int Rank(VerdictKind kind) => kind switch
    {
        VerdictKind.Clean => 0,
        VerdictKind.Unavailable => 1,
        VerdictKind.Unscannable => 2,
        _ => 3,
    };

    private sealed record Work(int Place, MessageContent Message, List<int> Parts)
    {
        public bool Decided { get; set; }
    }
}
