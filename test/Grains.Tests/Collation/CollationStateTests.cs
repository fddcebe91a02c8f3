using System.Text;
using ShitOps.Grains.Collation;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Tests.Collation;

public sealed class CollationStateTests
{
    private static readonly Guid First = Guid.CreateVersion7(), Second = Guid.CreateVersion7();

    private static CollationState Node() => new()
    {
        Node = 1,
        Asked = 4,
        Teams = [new("a", AnswerState.Asked, null, null), new("b", AnswerState.Asked, null, null)],
        Children = [(3, null), (4, null)],
    };

    private static Taken Child(int node, params string[] answered) => new(new Partial { Node = node, Asked = 1, Answered = answered }, null);

    private static OwnTeam Answer(string team, AnswerState state = AnswerState.Answered) => new(team, state, First, null);

    [Fact]
    public void A_node_is_ready_when_all_its_children_have_passed_and_all_its_teams_are_settled()
    {
        CollationState state = Node().Take(Child(3, "x")).WithAnswer(Answer("a")).Take(Child(4, "y"));
        Assert.Equal(CollationStage.Collecting, state.Stage);
        Assert.Equal(CollationStage.Collecting, state.WithAnswer(Answer("b", AnswerState.Held)).Stage);
        Assert.Equal(CollationStage.Ready, state.WithAnswer(Answer("b", AnswerState.Quarantined)).Stage);
    }

    [Fact]
    public void The_same_partial_again_changes_nothing_and_an_older_one_neither()
    {
        CollationState state = Node().Take(Child(3, "x", "y"));
        Assert.Same(state, state.Take(Child(3, "x", "y")));
        Assert.Same(state, state.Take(Child(3, "x")));
        Assert.Same(state, state.Take(Child(9, "x")));
    }

    [Fact]
    public void A_release_after_passing_makes_the_node_pass_again()
    {
        CollationState passed = Node().Take(Child(3, "x")).Take(Child(4)).WithAnswer(Answer("a")).WithAnswer(Answer("b", AnswerState.Quarantined)).Pass();
        CollationState again = passed.WithAnswer(Answer("b"));
        Assert.Equal((CollationStage.Ready, 3), (again.Stage, again.Answered));
        Assert.Equal(CollationStage.Ready, passed.Take(Child(4, "z")).Stage);
        Assert.Equal(CollationStage.Passed, passed.Close().WithAnswer(Answer("b")).Stage);
    }

    [Fact]
    public void A_reply_counts_once_and_its_repeat_is_answered_alike()
    {
        CollationState state = Node().WithAnswer(Answer("a", AnswerState.Held));
        Assert.Equal(ReplyStatus.Held, state.Refuse("a", First, over: true));
        Assert.Equal(ReplyStatus.AlreadyReplied, state.Refuse("a", Second, over: false));
        Assert.Equal(ReplyStatus.Ended, state.Refuse("a", Second, over: true));
        Assert.Null(state.Refuse("b", Second, over: false));
        Assert.Equal(ReplyStatus.Ended, state.Refuse("b", Second, over: true));
        Assert.Equal(ReplyStatus.Ended, state.Close().Refuse("b", Second, over: false));
        Assert.Equal(ReplyStatus.NotAsked, state.Refuse("c", Second, over: false));
    }

    [Fact]
    public void What_is_composed_is_in_post_order_and_says_why_somebody_is_missing()
    {
        var reduction = new Reduction(new AskSpec(DateTimeOffset.UnixEpoch, null, CollateKind.Tally, "/v"));
        var left = new Partial { Node = 3, Asked = 2, Answered = ["x"], Missing = [new("w", "no_reply")], Unmatched = ["x"] };
        CollationState state = (Node() with { Asked = 5 }).Take(new Taken(left, null)).Take(new Taken(Child(4, "y").Partial, Tally.Of("yes")))
            .WithAnswer(Answer("a", AnswerState.Held)).WithAnswer(new OwnTeam("b", AnswerState.Answered, Second, Tally.Of("yes"))).Close();
        (Partial all, Reduced? value) = state.Compose(reduction);
        Assert.Equal(["x", "y", "b"], all.Answered);
        Assert.Equal([new("w", "no_reply"), new("a", "scanner_unavailable")], all.Missing);
        Assert.Equal(["x"], all.Unmatched);
        Assert.Equal("""{"yes":2}""", Encoding.UTF8.GetString(value!.ToJson()));
    }

    [Fact]
    public void Nothing_is_composed_before_all_children_have_passed() =>
        Assert.Throws<InvalidOperationException>(() => Node().Compose(new Reduction(new AskSpec(default, null, CollateKind.List, null))));

    /// <summary>Rows written by version 1 are read for ever: this text is never edited.</summary>
    [Fact]
    public void Version_1_of_the_stored_state_is_written_and_read_as_it_always_was()
    {
        const string Golden =
            """{"v":1,"closed":true,"taken":[{"node":4,"asked":3,"answered":["x","y"],"missing":[["w","no_reply"]],"unmatched":["y"],"value":"AQID"}]}""";
        var partial = new Partial { Node = 4, Asked = 3, Answered = ["x", "y"], Missing = [new("w", "no_reply")], Unmatched = ["y"], SealedValue = [1, 2, 3] };
        CollationState state = Node().Take(new Taken(partial, Tally.Of("yes"))).Close();
        Assert.Equal(Golden, Encoding.UTF8.GetString(CollationRecord.Write(state)));

        CollationRecord record = CollationRecord.Read(Encoding.UTF8.GetBytes(Golden[..^1] + ",\"later\":1}"));
        Assert.True(record.Closed);
        Partial read = record.Taken.Single().ToPartial();
        Assert.Equivalent(partial, read, strict: true);
        Assert.Empty(CollationRecord.Read("""{"v":1}"""u8.ToArray()).Taken);
        Assert.Throws<InvalidDataException>(() => CollationRecord.Read("""{"v":2}"""u8.ToArray()));
    }
}
