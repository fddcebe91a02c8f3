using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Archive;

/// <summary>Reads what is stored, for gateways.</summary>
[StatelessWorker, Reentrant]
public sealed class ArchiveGrain(IArchiveStore archive, IAttachmentStore attachments, IEnumerable<IDegradation> degradations, TimeProvider time) : Grain, IArchiveGrain
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public Task<MessageView?> Message(Guid id) => archive.MessageAsync(id);

    public Task<Page<MessageSummary>> Messages(MessageQuery query) => archive.MessagesAsync(query);

    public async Task<Immutable<EventView[]>> Trace(Guid id) => (await archive.TraceAsync(id)).ToArray().AsImmutable();

    public Task<Page<EventView>> Events(EventQuery query) => archive.EventsAsync(query);

    public Task<JournalReport> VerifyJournal(string? after) => archive.VerifyJournalAsync(after);

    public Task<Page<QuarantineView>> Quarantine(string? state, string? after, int limit) => archive.QuarantineAsync(state, after, limit);

    public Task<QuarantineView?> QuarantineEntry(Guid id) => archive.QuarantineEntryAsync(id);

    public async Task<Immutable<DeadLetterGroup[]>> DeadLetters(string? team, string? reason, int limit) =>
        (await archive.DeadLettersAsync(team, reason, limit)).ToArray().AsImmutable();

    public Task<bool> MayRead(Guid attachment, string team) => attachments.MayReadAsync(attachment, team);

    public async Task<bool> IsReachable()
    {
        try
        {
            await archive.PingAsync().WaitAsync(Patience, time);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    public Task<Immutable<string[]>> Degradations() =>
        Task.FromResult(degradations.Select(d => d.Reason).OfType<string>().ToArray().AsImmutable());
}

/// <summary>A part of the silo that may work badly without the whole being down.</summary>
public interface IDegradation
{
    /// <summary>Why, in a few words; null while all is well.</summary>
    string? Reason { get; }
}

/// <summary>The scanner as health sees it.</summary>
public sealed class ScannerDegradation(IScanner scanner, TimeProvider time) : IDegradation
{
    public string? Reason => scanner switch
    {
        { SignatureVersion: null } => "scanner unavailable: messages are held",
        { IsProduction: false } => "built-in scanner: not a production scanner",
        { SignatureDate: { } made } when time.GetUtcNow() - made > Limits.SignaturesStaleAfter => $"signatures are from {made:yyyy-MM-dd HH:mm} UTC",
        _ => null,
    };
}
