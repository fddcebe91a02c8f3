namespace ShitOps.Grains;

/// <summary>Reads what is stored. Stateless worker, key 0. Who may see what is the gateway's to decide.</summary>
[Alias("sho.IArchiveGrain")]
public interface IArchiveGrain : IGrainWithIntegerKey
{
    [Alias("Message")]
    Task<MessageView?> Message(Guid id);

    /// <summary>
    /// Newest first. A page may hold fewer than the limit and still have a next: how far one call looks is bounded.
    /// </summary>
    [Alias("Messages")]
    Task<Page<MessageSummary>> Messages(MessageQuery query);

    /// <summary>Every event of the message, in order; empty if there is no such message.</summary>
    [Alias("Trace")]
    Task<Immutable<EventView[]>> Trace(Guid id);

    /// <summary>The journal, oldest first, from a cursor on. <see cref="EventQuery.Type"/> ending in <c>*</c> is a prefix.</summary>
    [Alias("Events")]
    Task<Page<EventView>> Events(EventQuery query);

    /// <summary>Looks at a part of the journal: whether it is what was written. A part takes a few seconds at most.</summary>
    /// <param name="after"><see cref="JournalReport.Next"/> of the part before; null for the first.</param>
    [Alias("VerifyJournal")]
    Task<JournalReport> VerifyJournal(string? after);

    /// <summary>Newest first.</summary>
    [Alias("Quarantine")]
    Task<Page<QuarantineView>> Quarantine(string? state, string? after, int limit);

    [Alias("QuarantineEntry")]
    Task<QuarantineView?> QuarantineEntry(Guid id);

    /// <summary>Grouped by reason; each group names at most <paramref name="limit"/> items.</summary>
    [Alias("DeadLetters")]
    Task<Immutable<DeadLetterGroup[]>> DeadLetters(string? team, string? reason, int limit);

    /// <summary>True if the team sent or received a message that names the attachment.</summary>
    [Alias("MayRead")]
    Task<bool> MayRead(Guid attachment, string team);

    /// <summary>True if the database answers within two seconds.</summary>
    [ResponseTimeout("00:00:03"), Alias("IsReachable")]
    Task<bool> IsReachable();

    /// <summary>Why this silo is degraded: scanner away, signatures old…; empty when all is well.</summary>
    [ResponseTimeout("00:00:03"), Alias("Degradations")]
    Task<Immutable<string[]>> Degradations();
}
