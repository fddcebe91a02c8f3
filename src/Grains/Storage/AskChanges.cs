namespace ShitOps.Grains.Storage;

/// <summary>An ask as it is stored beside the message that carries its question.</summary>
/// <param name="Top">The node at which the collation ends.</param>
/// <param name="Result">The id of the collation that will go to the asker.</param>
/// <param name="Nodes">Every node from the top down to the asked teams' nodes, in post-order.</param>
/// <param name="Teams">In post-order.</param>
public sealed record AskRows(AskSpec Spec, int Top, Guid Result, IReadOnlyList<AskNodeRow> Nodes, IReadOnlyList<AskTeamRow> Teams);

/// <param name="Asked">Teams asked in its subtree.</param>
public readonly record struct AskNodeRow(int Node, int Asked);

public readonly record struct AskTeamRow(string Team, int Node);

/// <summary>Stores a team's reply. Not applied unless the ask is open and the team was asked and has not replied.</summary>
/// <param name="To"><see cref="AnswerState.Answered"/>, Held or Quarantined.</param>
public sealed record PutReply(NewReply Reply, AnswerState To, DateTimeOffset At) : Change;

/// <summary>Moves a stored reply of an open ask from <paramref name="From"/>.</summary>
public sealed record MoveReply(Guid Ask, string Team, AnswerState From, AnswerState To) : Change;

/// <summary>Destroys the sealed body of a reply in quarantine.</summary>
public sealed record PurgeReply(Guid Ask, Guid Reply) : Change;

/// <summary>Writes the state of a collation at a node. Not applied if its version is not <paramref name="Version"/>, which it raises by one.</summary>
/// <param name="Stage">What a sweep looks for.</param>
/// <param name="Data">The state, a versioned contract of whoever writes it; nothing in it is plain content.</param>
public sealed record PutCollation(Guid Ask, int Node, int Version, CollationStage Stage, byte[] Data, DateTimeOffset At) : Change;

public enum CollationStage : byte
{
    Collecting = 0,
    /// <summary>Complete, not yet taken by the parent.</summary>
    Ready = 1,
    /// <summary>Taken by the parent, or closed.</summary>
    Passed = 2,
}

/// <summary>Ends an open ask.</summary>
/// <param name="SealedResult">The collation's body, sealed under the ask's result id.</param>
public sealed record EndAsk(Guid Ask, AskState To, int Answered, byte[] SealedResult, DateTimeOffset At) : Change;
