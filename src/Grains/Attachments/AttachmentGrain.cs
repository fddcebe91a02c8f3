using System.Security.Cryptography;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Attachments;

/// <summary>
/// Takes one attachment in: every chunk is opened in memory, streamed to the scanner and stored sealed. It exists for
/// others once the verdict is in. An upload that breaks off leaves nothing.
/// </summary>
public sealed class AttachmentGrain(
    IAttachmentStore store, ICommitQueue commits, IScanner scanner, IBodyOpener opener, AttachmentScanner known, ILocalSiloDetails silo, TimeProvider time)
    : Grain, IAttachmentGrain
{
    private IStreamScan? _scan;
    private int _next;

    private Guid Id => this.GetPrimaryKey();

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_scan is not null)
            await Abort();
    }

    public async Task<UploadReply> Append(string team, int number, Immutable<byte[]> sealedChunk)
    {
        // A call repeated after its answer was lost.
        if (number < _next)
            return new(UploadStatus.Stored, null);
        if (number != _next)
            return new(UploadStatus.OutOfOrder, null);
        if (scanner.SignatureVersion is null)
            return await FailAsync(UploadStatus.ScannerUnavailable);
        try
        {
            byte[] plain = await opener.OpenAsync(sealedChunk.Value, Id, number);
            _scan ??= await scanner.OpenStreamAsync();
            await _scan.AppendAsync(plain);
            await commits.CommitAsync(new Commit([new InsertAttachmentChunk(Id, number, sealedChunk.Value)]));
            _next++;
            return new(UploadStatus.Stored, null);
        }
        catch (Exception error) when (error is NotCommittedException or CommitUnknownException)
        {
            return await FailAsync(UploadStatus.NotStored);
        }
        catch (CryptographicException)
        {
            return await FailAsync(UploadStatus.Unscannable, "unsealable");
        }
    }

    public async Task<UploadReply> Complete(string team, long size, Immutable<byte[]> sha256, string contentType)
    {
        if (await store.InfoAsync(Id) is { } stored)
            return stored.State == "clean" ? new(UploadStatus.Stored, null) : new(UploadStatus.Infected, null);
        if (_scan is null)
            return new(UploadStatus.OutOfOrder, null);
        ScanReport report = await _scan.CompleteAsync();
        await _scan.DisposeAsync();
        _scan = null;
        Verdict verdict = report.Verdicts[0];
        if (verdict.Kind == VerdictKind.Unavailable || report.SignatureVersion is not { } version)
            return await FailAsync(UploadStatus.ScannerUnavailable);
        try
        {
            await commits.CommitAsync(new Commit(Changes(team, size, sha256.Value, contentType, verdict, version), AllOrNothing: true));
        }
        catch (NotCommittedException)
        {
            return await FailAsync(UploadStatus.NotStored);
        }
        if (verdict.Kind == VerdictKind.Clean)
            known.Remember(sha256.Value, version);
        DeactivateOnIdle();
        return verdict.Kind switch
        {
            VerdictKind.Clean => new(UploadStatus.Stored, null),
            VerdictKind.Infected => new(UploadStatus.Infected, verdict.Detail),
            _ => new(UploadStatus.Unscannable, verdict.Detail),
        };
    }

    public async Task Abort()
    {
        if (_scan is not null)
            await _scan.DisposeAsync();
        _scan = null;
        if (_next > 0 && await store.InfoAsync(Id) is null)
            await commits.CommitAsync(new Commit([new DropAttachmentChunks(Id)]));
        _next = 0;
    }

    public Task<AttachmentInfo?> Info() => store.InfoAsync(Id);

    public async Task<Immutable<byte[]>?> Chunk(int number) => await store.ChunkAsync(Id, number) is { } chunk ? chunk.AsImmutable() : null;

    private List<Change> Changes(string team, long size, byte[] sha256, string contentType, Verdict verdict, string version)
    {
        DateTimeOffset now = time.GetUtcNow();
        bool clean = verdict.Kind == VerdictKind.Clean;
        string kind = verdict.Kind == VerdictKind.Infected ? "infected" : "unscannable";
        var changes = new List<Change>
        {
            new InsertAttachment(new AttachmentInfo(Id, team, size, sha256, contentType, _next, clean ? "clean" : "quarantined", now))
            {
                Events =
                [
                    new(clean ? EventTypes.AttachmentStored : EventTypes.AttachmentQuarantined, now)
                    {
                        From = team, Silo = silo.Name, Verdict = clean ? "clean" : kind, SignatureVersion = version,
                        Reason = clean ? Id.ToString() : $"{Id}: {verdict.Detail}", Size = (int)size, Sha256 = sha256,
                    },
                ],
            },
        };
        if (!clean)
        {
            changes.Add(new InsertQuarantine(new QuarantineView
            {
                Id = Id,
                Attachment = Id,
                From = team,
                Verdict = kind,
                Signature = verdict.Detail ?? kind,
                SignatureVersion = version,
                Node = -1,
                Silo = silo.Name,
                At = now,
                State = "waiting",
            }));
        }
        return changes;
    }

    private async Task<UploadReply> FailAsync(UploadStatus status, string? detail = null)
    {
        try
        {
            await Abort();
        }
        catch (Exception error) when (error is NotCommittedException or CommitUnknownException)
        {
            // Left-over chunks without a record are swept with the retention.
        }
        return new(status, detail);
    }
}
