using System.Globalization;
using System.Text.Json;

namespace ShitOps.System.Tests.Fixtures;

/// <summary>What teams answer in tests, and what must be made of it.</summary>
public static class Polls
{
    public const string ByReady = "/ready", ByCount = "/counts/0";

    /// <summary>One of three words, and an amount of tenths, which no binary fraction holds exactly.</summary>
    public static string Reply(int number) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"ready":"{{Word(number)}}","counts":[{{Amount(number)}}],"who":{{number}}}""");

    public static string Word(int number) => ((string[])["yes", "no", "later"])[number % 3];

    public static decimal Amount(int number) => (number * 7 % 31 - 9) * 0.1m;

    /// <summary>Fails unless the result is what those answers make.</summary>
    /// <param name="inOrder">The numbers of those who answered, in post-order.</param>
    public static void Check(Collation collation, string kind, int[] inOrder, Func<int, string> nameOf)
    {
        Assert.Equal(kind, collation.Collate.Kind);
        Assert.Equal(inOrder.Length, collation.Answered);
        Assert.Empty(collation.Unmatched);
        switch (kind)
        {
            case "list":
                Assert.Equal(inOrder.Select(nameOf), collation.Teams);
                Assert.Equal(inOrder.Select(Reply), collation.Result.EnumerateArray().Select(item => item.GetProperty("body").GetRawText()));
                break;
            case "tally":
                Assert.Equal(
                    inOrder.GroupBy(Word).Select(word => (word.Key, word.Count())).Order(),
                    collation.Result.EnumerateObject().Select(word => (word.Name, word.Value.GetInt32())).Order());
                break;
            default:
                decimal[] amounts = [.. inOrder.Select(Amount)];
                Assert.Equal(kind switch { "sum" => amounts.Sum(), "min" => amounts.Min(), _ => amounts.Max() }, collation.Result.GetDecimal());
                break;
        }
    }

    /// <summary>The pointer that a kind looks at; none for a list.</summary>
    public static string? PointerOf(string kind) => kind switch { "list" => null, "tally" => ByReady, _ => ByCount };

    /// <summary>Everyone takes the question out of the inbox and answers it.</summary>
    public static Task AnswerAsync(Guid ask, IEnumerable<ApiClient> teams, Func<ApiClient, string> body) => Task.WhenAll(teams.Select(async team =>
    {
        await team.TakeQuestionAsync(ask);
        string state = await team.ReplyAsync(ask, body(team));
        Assert.True(state == "answered", $"the reply of {team.Name} is {state}");
    }));

    public static string Text(string text) => JsonSerializer.Serialize(text);
}
