using ShitOps.Grains.Journal;

namespace ShitOps.Grains.Storage;

/// <summary>
/// One guarded change of the database and the events that tell of it. If the guard does not hold (the row is already
/// there, or no longer in the state named) the change is not applied and its events are not written.
/// </summary>
public abstract record Change
{
    public IReadOnlyList<JournalEvent> Events { get; init; } = [];
}

/// <summary>
/// Inserts a message. Not applied if the id is there already (a repeated call) or if its idempotency key was used by
/// the same sender within <see cref="Limits.IdempotencyWindow"/>; then <see cref="ChangeResult.Existing"/> tells.
/// </summary>
/// <param name="Sequence">The place in the outbox: rises with every message of the node; for a scheduled one the due time in Unix ms.</param>
public sealed record InsertMessage(NewMessage Message, NodeKey Node, MessageState State, long Sequence, DateTimeOffset AcceptedAt) : Change
{
    /// <summary>Of a message that carries the question of an ask: stored with it, or not at all.</summary>
    public AskRows? Ask { get; init; }
}

/// <summary>Moves a message from any of <paramref name="From"/> to <paramref name="To"/>.</summary>
/// <param name="Sequence">A new place in the outbox, null to keep it.</param>
public sealed record MoveMessage(Guid Id, MessageStateSet From, MessageState To, DateTimeOffset At, string? Reason = null, long? Sequence = null) : Change
{
    /// <summary>Set on release from quarantine: hubs let it pass from now on.</summary>
    public bool Release { get; init; }
    /// <summary>Destroys the sealed body.</summary>
    public bool Purge { get; init; }
    /// <summary>A new source node; null to keep it.</summary>
    public NodeKey? Node { get; init; }
}

/// <summary>A set of <see cref="MessageState"/>.</summary>
public readonly record struct MessageStateSet(uint Bits)
{
    public static readonly MessageStateSet Unsettled = Of(MessageState.Queued, MessageState.Scheduled, MessageState.Held);

    public static MessageStateSet Of(params ReadOnlySpan<MessageState> states)
    {
        uint bits = 0;
        foreach (MessageState state in states)
            bits |= 1u << (int)state;
        return new(bits);
    }

    public bool Contains(MessageState state) => (Bits & (1u << (int)state)) != 0;

    public static implicit operator MessageStateSet(MessageState state) => Of(state);
}

/// <summary>Puts a message into a team's inbox; unique on (message, team). The database gives the inbox order.</summary>
public sealed record InsertDelivery(
    Guid Message, string Team, string From, Priority Rank, string? OrderingKey, DateTimeOffset? ExpiresAt, DateTimeOffset At) : Change;

/// <summary>Moves a delivery that is <see cref="DeliveryState.Waiting"/>; to Waiting again means another attempt.</summary>
/// <param name="NotBefore">Not leased again before this time.</param>
public sealed record MoveDelivery(Guid Message, string Team, DeliveryState To, int Attempts, DateTimeOffset At, DateTimeOffset? NotBefore = null) : Change
{
    /// <summary>The delivery's number, if it is known: by it deliveries of many teams are found in one statement. A replay gets a new one.</summary>
    public long? Sequence { get; init; }
}

/// <summary>
/// Inserts into the dead letters; unique on (message, team). In a commit with the <see cref="MoveDelivery"/> or
/// <see cref="MoveMessage"/> that makes the delivery or message dead it is applied only if that is: what was acknowledged or
/// settled meanwhile is no dead letter.
/// </summary>
public sealed record InsertDeadLetter(Guid Message, string Team, string From, string Reason, int Attempts, DateTimeOffset At) : Change;

/// <summary>Takes a dead letter out. On replay its dead delivery row goes too, so that it can be delivered anew.</summary>
public sealed record RemoveDeadLetter(Guid Message, string Team, bool Replay) : Change;

public sealed record InsertQuarantine(QuarantineView Entry) : Change;

/// <summary>Decides on an entry that is still waiting.</summary>
/// <param name="State">released or purged.</param>
public sealed record DecideQuarantine(Guid Id, string State, string Actor, string Reason, DateTimeOffset At) : Change;

/// <summary>Raises the tree's epoch from <paramref name="From"/> to <paramref name="From"/> + 1 (creates the tree at 0); the fence against a second writer.</summary>
public sealed record RaiseEpoch(string Tree, long From) : Change;

/// <summary>Creates or replaces a team's row.</summary>
public sealed record PutTeamRow(string Tree, TeamPlace Team) : Change;

/// <summary>Its webhook goes with it.</summary>
public sealed record RemoveTeamRow(string Tree, string Team) : Change;

/// <summary>
/// A team leaves the hub by the tree of <paramref name="Epoch"/>: earlier <see cref="Fence"/>s of the hub are void, and
/// whoever has it or takes it learns by which tree it must go.
/// </summary>
public sealed record MoveFromHub(NodeKey Node, long Epoch, DateTimeOffset At) : Change;

/// <summary>Unique on the hash.</summary>
public sealed record InsertAccessKey(NewAccessKey Key, Role Role, string? Team, DateTimeOffset At) : Change;

/// <summary>Revokes a key that is not; <paramref name="Key"/> null means every key of the team.</summary>
public sealed record RevokeAccessKeys(string Team, Guid? Key, DateTimeOffset At) : Change;

public sealed record InsertAttachmentChunk(Guid Attachment, int Number, byte[] Sealed) : Change;

/// <summary>Completes an attachment: from now on it exists.</summary>
public sealed record InsertAttachment(AttachmentInfo Info) : Change;

/// <summary>Sets the attachment's state; purging destroys its chunks.</summary>
public sealed record MoveAttachment(Guid Id, string From, string To) : Change;

/// <summary>Deletes chunks of an upload that never completed.</summary>
public sealed record DropAttachmentChunks(Guid Attachment) : Change;

/// <summary>Writes a webhook that is at version <paramref name="From"/>; 0 where there is none.</summary>
public sealed record PutWebhookRow(WebhookRow Row, long From) : Change;

public sealed record RemoveWebhookRow(string Tree, string Team) : Change;

/// <summary>Nothing but events.</summary>
public sealed record Note : Change;

/// <summary>The right of one activation to write for its hub: void as soon as another has taken the hub.</summary>
/// <param name="Generation">As <see cref="IHubStore.TakeAsync"/> gave it.</param>
public readonly record struct Fence(NodeKey Node, long Generation);

/// <param name="AllOrNothing">If one guard fails, none of the changes is applied.</param>
/// <param name="Deadline">Not begun after this time; it then fails with <see cref="NotCommittedException"/>. Null: 10 s.</param>
/// <param name="Fence">Stored only while this is valid; else it fails with <see cref="FencedException"/>.</param>
public sealed record Commit(IReadOnlyList<Change> Changes, bool AllOrNothing = false, TimeSpan? Deadline = null, Fence? Fence = null);

/// <param name="Applied">Whether the guard held.</param>
/// <param name="Existing">For an <see cref="InsertMessage"/> that was not applied: the message that stands in its place.</param>
public readonly record struct ChangeResult(bool Applied, ExistingMessage? Existing = null);

/// <param name="SameRequest">The request digests agree.</param>
public sealed record ExistingMessage(Guid Id, MessageState State, bool SameRequest);

/// <summary>Surely not stored.</summary>
public class NotCommittedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Surely not stored, nor ever: the hub was taken by another activation.</summary>
public sealed class FencedException(string message) : NotCommittedException(message);

/// <summary>Not known whether stored: the database did not answer any more.</summary>
public sealed class CommitUnknownException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// The silo's one writer of messages. While one transaction is under way, commits gather; the next transaction takes
/// them all, with all their events as one journal row.
/// </summary>
public interface ICommitQueue
{
    /// <returns>One result a change, in order.</returns>
    /// <exception cref="NotCommittedException">Nothing of it is stored.</exception>
    /// <exception cref="FencedException">Nothing of it is stored, and the hub belongs to another.</exception>
    /// <exception cref="CommitUnknownException">It may or may not be stored.</exception>
    Task<ChangeResult[]> CommitAsync(Commit commit);
}
