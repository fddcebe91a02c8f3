using System.Text;
using System.Text.Json;
using ShitOps.Grains.Collation;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Tests.Collation;

public sealed class CollationBodyTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    private static readonly Guid Id = Guid.Parse("0198a000-0000-7000-8000-000000000001");

    private static AskRow Ask(CollateKind kind, string? pointer = null) =>
        new(Id, "main", "dev", "all", null, 0, new AskSpec(At, null, kind, pointer), AskState.Open, 3, Guid.Empty, At, null, null);

    private static readonly Partial Some = new() { Node = 0, Asked = 3, Answered = ["a", "b"], Missing = [new("c", "no_reply")], Unmatched = ["b"] };

    private static string Text(AskRow ask, Reduced? value, params ListedReply[] list) =>
        Encoding.UTF8.GetString(CollationBody.Write(ask, AskState.Partial, new Taken(Some, value), list));

    private static ListedReply Json(string team, string body) => new(team, At, body.Length, BodyKind.Json, "application/json", Encoding.UTF8.GetBytes(body));

    [Fact]
    public void A_tally_tells_who_is_missing_and_in_whose_reply_nothing_was_found() => Assert.Equal(
        $$$"""{"ask":"{{{Id}}}","state":"partial","asked":3,"answered":2,"missing":[{"team":"c","reason":"no_reply"}],"unmatched":["b"],"collate":{"kind":"tally","pointer":"/v"},"result":{"yes":1}}""",
        Text(Ask(CollateKind.Tally, "/v"), Tally.Of("yes")));

    [Fact]
    public void Without_a_value_a_tally_is_empty_and_a_sum_is_null()
    {
        Assert.EndsWith("\"result\":{}}", Text(Ask(CollateKind.Tally, "/v"), null), StringComparison.Ordinal);
        Assert.EndsWith("\"result\":null}", Text(Ask(CollateKind.Sum, "/v"), null), StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_carries_replies_as_they_were_and_names_those_left_out()
    {
        string text = Text(Ask(CollateKind.List), null,
            Json("a", "{\"n\": [1]}"), new("b", At, 3, BodyKind.Bytes, "image/png", [1, 2, 3]), new("c", At, 9_000, BodyKind.Json, "application/json", null));
        JsonElement[] result = [.. JsonDocument.Parse(text).RootElement.GetProperty("result").EnumerateArray()];
        Assert.Equal("{\"n\": [1]}", result[0].GetProperty("body").GetRawText());
        Assert.Equal(("AQID", "image/png"), (result[1].GetProperty("bodyBase64").GetString(), result[1].GetProperty("contentType").GetString()));
        Assert.True(result[2].GetProperty("omitted").GetBoolean());
        Assert.Equal(9_000, result[2].GetProperty("size").GetInt32());
        Assert.Equal(At, result[2].GetProperty("at").GetDateTimeOffset());
    }

    [Fact]
    public void The_first_replies_that_fit_stand_in_the_list()
    {
        var budget = new ListBudget(10);
        Assert.NotNull(budget.Admit(Json("a", "123456")).Body);
        Assert.Null(budget.Admit(Json("b", "12345")).Body);
        Assert.NotNull(budget.Admit(Json("c", "1234")).Body);
        Assert.False(budget.HasRoom(1));
    }

    [Theory]
    [InlineData(253, true)]
    [InlineData(254, false)]
    public void A_reply_is_left_out_that_would_be_too_deep_to_be_scanned(int depth, bool stands)
    {
        ListedReply deep = new ListBudget(100_000).Admit(Json("a", new string('[', depth) + new string(']', depth)));
        Assert.Equal(stands, deep.Body is not null);
        byte[] body = CollationBody.Write(Ask(CollateKind.List), AskState.Complete, new Taken(Some, null), [deep]);
        using var parts = new PartList();
        Assert.Null(ContentParts.Cut(BodyKind.Json, body, null, parts, []));
    }
}
