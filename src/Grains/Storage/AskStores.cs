namespace ShitOps.Grains.Storage;

/// <summary>What a collation grain wakes up with.</summary>
/// <param name="Teams">The node's own asked teams by name, with what became of their replies.</param>
/// <param name="Children">Its children that take part, the left one first.</param>
/// <param name="Data">As written by <see cref="PutCollation"/>; null at version 0.</param>
public sealed record CollationRow(
    AskRow Ask, int Node, int Asked, int Version, CollationStage Stage, byte[]? Data, IReadOnlyList<AnswerRow> Teams, IReadOnlyList<int> Children);

public sealed record AskRow(
    Guid Id, string Tree, string From, string To, string? Subject, int Top, AskSpec Spec, AskState State, int Asked, Guid Result, DateTimeOffset AskedAt,
    DateTimeOffset? EndedAt, string? TraceParent);

/// <summary>An asked team. The reply's fields are null while there is none; <see cref="Sealed"/> is read only where said.</summary>
public sealed record AnswerRow(
    string Team, int Node, AnswerState State, Guid? Reply, DateTimeOffset? At, BodyKind BodyKind, string? ContentType, int Size, byte[]? Sha256, byte[]? Sealed);

public interface IAskStore
{
    /// <summary>Null: no such ask, or the node takes no part in it. Sealed replies are read.</summary>
    Task<CollationRow?> CollationAsync(Guid ask, int node, CancellationToken stop = default);

    Task<AskRow?> FindAsync(Guid ask, CancellationToken stop = default);

    /// <summary>One asked team with its reply's body; null if it was not asked.</summary>
    Task<AnswerRow?> AnswerAsync(Guid ask, string team, CancellationToken stop = default);

    /// <summary>Everything but bodies of replies; the sealed result is read.</summary>
    Task<AskView?> ViewAsync(Guid ask, CancellationToken stop = default);

    /// <summary>Clean replies in post-order with bodies, from a cursor on.</summary>
    Task<Page<ReplyView>> RepliesAsync(Guid ask, string? after, int limit, CancellationToken stop = default);

    /// <summary>Clean replies of these teams, with bodies, in any order.</summary>
    Task<IReadOnlyList<AnswerRow>> AnswersAsync(Guid ask, IReadOnlyList<string> teams, CancellationToken stop = default);

    Task<IReadOnlyList<EventView>> TraceAsync(Guid ask, CancellationToken stop = default);

    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    Task<Page<AskSummary>> ListAsync(AskQuery query, CancellationToken stop = default);

    /// <summary>Open asks of that tree whose top must look: the deadline is over, or as many as the quorum have answered.</summary>
    Task<IReadOnlyList<(Guid Ask, int Top)>> DueAsync(string tree, DateTimeOffset now, int limit, CancellationToken stop = default);

    /// <summary>Nodes of open asks that must look: ready since before <paramref name="before"/> and not passed on, or with replies held.</summary>
    Task<IReadOnlyList<(Guid Ask, int Node)>> StrandedAsync(string tree, DateTimeOffset before, int limit, CancellationToken stop = default);
}
