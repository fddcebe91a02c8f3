using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Collation;

/// <summary>One of the node's own asked teams.</summary>
/// <param name="Reply">The id of its reply, null while there is none.</param>
/// <param name="Value">What its reply gives to the result; null for a list, and when nothing could be used.</param>
internal sealed record OwnTeam(string Team, AnswerState State, Guid? Reply, Reduced? Value)
{
    /// <summary>It will not change by itself any more: a reply in quarantine waits for a person, and nobody waits for that.</summary>
    public bool IsSettled => State is AnswerState.Answered or AnswerState.Quarantined;
}

/// <summary>What a child passed up, and the value in it, opened.</summary>
internal sealed record Taken(Partial Partial, Reduced? Value);

/// <summary>
/// The step of a collation at one node: what its own teams have answered, what its children have passed up, and what
/// follows from it. Immutable; every change gives the next state. Nothing here awaits or stores.
/// </summary>
internal sealed record CollationState
{
    /// <summary>Why a team is missing whose reply security has not released.</summary>
    public const string Quarantined = "quarantined";

    public required int Node { get; init; }

    /// <summary>Teams asked in the subtree.</summary>
    public required int Asked { get; init; }

    /// <summary>Of the stored row: the fence between two activations.</summary>
    public int Version { get; init; }

    public CollationStage Stage { get; init; }

    /// <summary>No more replies are taken here.</summary>
    public bool Closed { get; init; }

    /// <summary>In name order.</summary>
    public required IReadOnlyList<OwnTeam> Teams { get; init; }

    /// <summary>The children that take part, the left one first, with what they passed; null while they have not.</summary>
    public required IReadOnlyList<(int Node, Taken? Taken)> Children { get; init; }

    public IEnumerable<int> ChildrenMissing => Children.Where(c => c.Taken is null).Select(c => c.Node);

    public bool HasHeld => Teams.Any(t => t.State == AnswerState.Held);

    /// <summary>All children have passed and all own teams are settled: the subtree's answers are complete.</summary>
    public bool IsSettled => Teams.All(t => t.IsSettled) && !ChildrenMissing.Any();

    /// <summary>How many are known here to have answered. What children have not passed yet is not in it.</summary>
    public int Answered => OwnAnswered + Children.Sum(c => c.Taken?.Partial.Answered.Length ?? 0);

    public int OwnAnswered => Teams.Count(t => t.State == AnswerState.Answered);

    /// <summary>What a reply would be answered without being stored; null: store it.</summary>
    /// <param name="over">The ask has ended, or its deadline has passed.</param>
    public ReplyStatus? Refuse(string team, Guid reply, bool over)
    {
        OwnTeam? own = Teams.FirstOrDefault(t => t.Team == team);
        if (own is null)
            return ReplyStatus.NotAsked;
        if (own.Reply == reply)
            return ToStatus(own.State);
        if (over || Closed)
            return ReplyStatus.Ended;
        return own.Reply is null ? null : ReplyStatus.AlreadyReplied;
    }

    /// <summary>A team's reply, or what became of it later.</summary>
    public CollationState WithAnswer(OwnTeam answer) =>
        Moved(this with { Teams = [.. Teams.Select(t => t.Team == answer.Team ? answer : t)] });

    /// <summary>
    /// A child's partial. A later one of the same child has never fewer answers (nobody takes an answer back, and a release
    /// from quarantine adds one), so the number tells which is newer, in whatever order they come. The same again changes nothing.
    /// </summary>
    public CollationState Take(Taken taken)
    {
        for (int i = 0; i < Children.Count; i++)
        {
            (int node, Taken? known) = Children[i];
            if (node == taken.Partial.Node && (known is null || known.Partial.Answered.Length < taken.Partial.Answered.Length))
                return Moved(this with { Children = [.. Children.Select((c, j) => j == i ? (node, taken) : c)] });
        }
        return this;
    }

    /// <summary>From now on no reply is taken. What was passed on already stays so.</summary>
    public CollationState Close() => this with { Closed = true };

    /// <summary>What somebody else stored may have made it ready, or given it more to pass on than it has passed.</summary>
    public CollationState Again() => Moved(this);

    public CollationState Pass() => this with { Stage = CollationStage.Passed };

    /// <summary>The subtree's answers in post-order, and their value; whoever has not answered is missing. All children must have passed.</summary>
    public Taken Compose(Reduction reduction)
    {
        var answered = new List<string>();
        var missing = new List<MissingTeam>();
        var unmatched = new List<string>();
        Reduced? value = null;
        foreach ((int node, Taken? taken) in Children)
        {
            Partial part = taken?.Partial ?? throw new InvalidOperationException($"Node {node} has not passed its answers to node {Node}.");
            answered.AddRange(part.Answered);
            missing.AddRange(part.Missing);
            unmatched.AddRange(part.Unmatched);
            value = reduction.Merge(value, taken.Value);
        }
        foreach (OwnTeam team in Teams)
        {
            if (team.State != AnswerState.Answered)
            {
                missing.Add(new MissingTeam(team.Team, Reason(team.State)));
                continue;
            }
            answered.Add(team.Team);
            if (team.Value is null && !reduction.IsList)
                unmatched.Add(team.Team);
            value = reduction.Merge(value, team.Value);
        }
        return new Taken(new Partial { Node = Node, Asked = Asked, Answered = [.. answered], Missing = [.. missing], Unmatched = [.. unmatched] }, value);
    }

    /// <summary>Complete with everybody or a quorum, else partial.</summary>
    public static AskState End(AskSpec spec, Partial all) =>
        all.Answered.Length >= Math.Min(spec.Quorum ?? all.Asked, all.Asked) ? AskState.Complete : AskState.Partial;

    public static ReplyStatus ToStatus(AnswerState state) => state switch
    {
        AnswerState.Answered => ReplyStatus.Answered,
        AnswerState.Held => ReplyStatus.Held,
        _ => ReplyStatus.Quarantined,
    };

    /// <summary>A change may make a node ready, also once more: what it passes then replaces what it passed before.</summary>
    private static CollationState Moved(CollationState next) =>
        next.Closed ? next : next with { Stage = next.IsSettled ? CollationStage.Ready : CollationStage.Collecting };

    private static string Reason(AnswerState state) => state switch
    {
        AnswerState.Held => "scanner_unavailable",
        AnswerState.Quarantined => Quarantined,
        _ => "no_reply",
    };
}
