using System.Text.Json;

namespace ShitOps.Standalone.Story;

/// <summary>One team asks all others; their answers come back counted.</summary>
internal static class AskScene
{
    public static async Task PlayAsync(Cast cast, DateTimeOffset deadline, Action<string> say, CancellationToken stop)
    {
        (Caller Team, string Ready)[] answers = [(cast.Web, "yes"), (cast.Qa, "yes"), (cast.Ops, "after lunch")];
        Guid ask = (await cast.Platform.PostAsync(
            "/v1/asks",
            new { to = "all", subject = "ready to ship?", body = new { build = 812 }, deadline, collate = new { kind = "tally", pointer = "/ready" } }, stop)).Id();
        foreach ((Caller team, string ready) in answers)
        {
            await team.ReceiveAsync(message => message.Id() == ask, stop);
            await team.PostAsync($"/v1/asks/{ask}/reply", new { body = new { ready } }, stop);
        }
        JsonElement result = (await cast.Platform.ReceiveAsync(
            message => message.Text("kind") == "collation" && message.Id("ask") == ask, stop)).GetProperty("body");
        say($"ask {ask}: platform asked all \"ready to ship?\"; {string.Join(", ", answers.Select(a => $"{a.Team.Name}: {a.Ready}"))}; "
            + $"{result.Text("state")}, {result.GetProperty("answered")} of {result.GetProperty("asked")} answered, tally {result.GetProperty("result").GetRawText()}");
    }
}
