namespace ShitOps.Grains;

/// <summary>How the replies of an ask are made into one result. All but <see cref="List"/> look at a JSON pointer into each reply.</summary>
public enum CollateKind : byte { List = 0, Tally = 1, Sum = 2, Min = 3, Max = 4 }

public enum AskState : byte
{
    Open = 0,
    /// <summary>All have answered, or the quorum is reached.</summary>
    Complete = 1,
    /// <summary>The deadline passed first.</summary>
    Partial = 2,
}

/// <summary>What an ask is besides the message that carries the question. The ask's id is the message's.</summary>
/// <param name="Deadline">By then it ends, whoever has answered.</param>
/// <param name="Quorum">It ends once so many have answered; null: once all have.</param>
/// <param name="JsonPointer">A JSON pointer (RFC 6901) into each reply; null for a list.</param>
[GenerateSerializer, Immutable, Alias("sho.AskSpec")]
public sealed record AskSpec(
    [property: Id(0)] DateTimeOffset Deadline,
    [property: Id(1)] int? Quorum,
    [property: Id(2)] CollateKind Collate,
    [property: Id(3)] string? JsonPointer);

/// <summary>What has become of one asked team's reply.</summary>
public enum AnswerState : byte
{
    /// <summary>No reply.</summary>
    Asked = 0,
    Answered = 1,
    /// <summary>A reply is stored that the scanner could not look at yet.</summary>
    Held = 2,
    /// <summary>The reply stands in quarantine.</summary>
    Quarantined = 3,
}

/// <summary>A reply as the gateway hands it on: checked, sealed under an id of its own.</summary>
[GenerateSerializer, Immutable, Alias("sho.NewReply")]
public sealed record NewReply
{
    /// <summary>UUIDv7, made by the gateway; bound into the sealed body.</summary>
    [Id(0)] public required Guid Id { get; init; }
    [Id(1)] public required Guid Ask { get; init; }
    [Id(2)] public required string Team { get; init; }
    [Id(3)] public required BodyKind BodyKind { get; init; }
    [Id(4)] public required string ContentType { get; init; }
    [Id(5)] public required byte[] SealedBody { get; init; }
    /// <summary>Bytes of the plain body.</summary>
    [Id(6)] public required int Size { get; init; }
    /// <summary>Of the plain body, 32 bytes.</summary>
    [Id(7)] public required byte[] Sha256 { get; init; }
    [Id(8)] public string? TraceParent { get; init; }
}

public enum ReplyStatus : byte
{
    /// <summary>Stored and clean: it counts.</summary>
    Answered = 0,
    /// <summary>Stored; it counts once the scanner has looked at it.</summary>
    Held = 1,
    /// <summary>Stored in quarantine; it counts only if it is released before the ask ends.</summary>
    Quarantined = 2,
    /// <summary>The team has replied before (with another reply id).</summary>
    AlreadyReplied = 3,
    /// <summary>The ask has ended.</summary>
    Ended = 4,
    NoSuchAsk = 5,
    /// <summary>The team is not among those asked.</summary>
    NotAsked = 6,
}

/// <summary>The gateway's door to asks. Stateless worker, key 0.</summary>
[Alias("sho.IAskGrain")]
public interface IAskGrain : IGrainWithIntegerKey
{
    /// <summary>One team's reply. Repeating a call with the same reply id is safe and answers the same.</summary>
    [ResponseTimeout("00:00:12"), Alias("Reply")]
    Task<ReplyStatus> Reply(NewReply reply);

    /// <summary>Null: no such ask.</summary>
    [Alias("Get")]
    Task<AskView?> Get(Guid ask);

    /// <summary>Clean replies in post-order, from a cursor on. Bodies are sealed under the reply's id.</summary>
    [Alias("Replies")]
    Task<Page<ReplyView>> Replies(Guid ask, string? after, int limit);

    /// <summary>Every event of the ask, in order.</summary>
    [Alias("Trace")]
    Task<Immutable<EventView[]>> Trace(Guid ask);

    /// <summary>Newest first. A page may hold fewer than the limit and still have a next: how far one call looks is bounded.</summary>
    [Alias("List")]
    Task<Page<AskSummary>> List(AskQuery query);
}

/// <param name="Team">Only asks of this team or to it; null for all.</param>
[GenerateSerializer, Immutable, Alias("sho.AskQuery")]
public sealed record AskQuery([property: Id(0)] string? Team, [property: Id(1)] AskState? State, [property: Id(2)] string? After, [property: Id(3)] int Limit);

/// <summary>An ask in a list.</summary>
[GenerateSerializer, Immutable, Alias("sho.AskSummary")]
public sealed record AskSummary(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string From,
    [property: Id(2)] string To,
    [property: Id(3)] string? Subject,
    [property: Id(4)] AskState State,
    [property: Id(5)] DateTimeOffset AskedAt,
    [property: Id(6)] DateTimeOffset? EndedAt,
    [property: Id(7)] DateTimeOffset Deadline,
    [property: Id(8)] int Asked,
    [property: Id(9)] int Answered);

/// <summary>The step of a collation at one node. Key: <see cref="CollationKey"/>. Its state is a row; a lost activation reads it again.</summary>
[Alias("sho.ICollationGrain")]
public interface ICollationGrain : IGrainWithStringKey
{
    /// <summary>A reply of one of this node's own teams.</summary>
    [ResponseTimeout("00:00:12"), Alias("Reply")]
    Task<ReplyStatus> Reply(NewReply reply);

    /// <summary>A child's collation is complete. Answers after it is stored; the same again is no error.</summary>
    [ResponseTimeout("00:00:10"), Alias("Take")]
    Task Take(Partial partial);

    /// <summary>How many have answered below that child by now; lets the top see a quorum. Only a signal.</summary>
    [Alias("Progress")]
    Task Progress(int child, int answered);

    /// <summary>No more replies: closes its children, then answers with what there is. From the top down, when the ask ends early.</summary>
    [ResponseTimeout("00:00:10"), Alias("Close")]
    Task<Partial> Close();

    /// <summary>Something may have changed in the database (a deadline, a release, a loss): look.</summary>
    [ResponseTimeout("00:00:20"), Alias("Wake")]
    Task Wake();
}

/// <summary>
/// What a node passes to its parent: the subtree's answers, reduced. Names are in post-order (left subtree, right
/// subtree, own teams by name). What came out of bodies is sealed.
/// </summary>
[GenerateSerializer, Immutable, Alias("sho.Partial")]
public sealed record Partial
{
    [Id(0)] public required int Node { get; init; }
    [Id(1)] public required int Asked { get; init; }
    /// <summary>Teams whose replies count, in post-order.</summary>
    [Id(2)] public string[] Answered { get; init; } = [];
    [Id(3)] public MissingTeam[] Missing { get; init; } = [];
    /// <summary>Teams in whose reply the pointer found nothing that could be used.</summary>
    [Id(4)] public string[] Unmatched { get; init; } = [];
    /// <summary>The reduced value as JSON, sealed under the ask's id with 1 + node as part; null for a list, and when there is none.</summary>
    [Id(5)] public byte[]? SealedValue { get; init; }
}

/// <param name="Reason">no_reply, quarantined, scanner_unavailable.</param>
[GenerateSerializer, Immutable, Alias("sho.MissingTeam")]
public sealed record MissingTeam([property: Id(0)] string Team, [property: Id(1)] string Reason);

[GenerateSerializer, Immutable, Alias("sho.AskView")]
public sealed record AskView
{
    [Id(0)] public required Guid Id { get; init; }
    [Id(1)] public required string From { get; init; }
    [Id(2)] public required string To { get; init; }
    [Id(3)] public string? Subject { get; init; }
    [Id(4)] public required AskState State { get; init; }
    [Id(5)] public required AskSpec Spec { get; init; }
    [Id(6)] public required DateTimeOffset AskedAt { get; init; }
    [Id(7)] public DateTimeOffset? EndedAt { get; init; }
    [Id(8)] public required int Asked { get; init; }
    [Id(9)] public required int Answered { get; init; }
    /// <summary>In post-order. While the ask is open: who has not answered yet.</summary>
    [Id(10)] public required MissingTeam[] Missing { get; init; }
    [Id(11)] public required AskNodeView[] Nodes { get; init; }
    /// <summary>The id of the collation that goes to the asker, under which <see cref="SealedResult"/> is sealed.</summary>
    [Id(12)] public required Guid Result { get; init; }
    /// <summary>The collation's body (JSON), null while the ask is open.</summary>
    [Id(13)] public byte[]? SealedResult { get; init; }
    /// <summary>Every asked team in post-order; whoever stands here may reply.</summary>
    [Id(14)] public required string[] Teams { get; init; }
}

[GenerateSerializer, Immutable, Alias("sho.AskNodeView")]
public sealed record AskNodeView([property: Id(0)] int Index, [property: Id(1)] int Answered, [property: Id(2)] string[] Missing);

[GenerateSerializer, Immutable, Alias("sho.ReplyView")]
public sealed record ReplyView(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string Team,
    [property: Id(2)] DateTimeOffset At,
    [property: Id(3)] BodyKind BodyKind,
    [property: Id(4)] string ContentType,
    [property: Id(5)] byte[] SealedBody,
    [property: Id(6)] int Size);
