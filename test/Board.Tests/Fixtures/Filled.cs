namespace ShitOps.Board.Tests.Fixtures;

/// <summary>An organisation in which there is something to see in every view.</summary>
/// <param name="TeamKey">Of a team that has something to do.</param>
internal sealed record Filled(IReadOnlyList<BoardView> Views, string TeamKey)
{
    private static readonly SemaphoreSlim Once = new(1);
    private static Filled? _made;

    public static async Task<Filled> MakeAsync(StandaloneProcess standalone)
    {
        await Once.WaitAsync();
        try
        {
            return _made ??= await FillAsync(standalone.Operator);
        }
        finally
        {
            Once.Release();
        }
    }

    private static async Task<Filled> FillAsync(ApiClient by)
    {
        string[] functions = ["Platform", "QA", "Web", "Data"];
        var teams = new List<ApiClient>();
        foreach (int i in Enumerable.Range(0, 22))
            teams.Add((await by.CreateTeamAsync($"{functions[i % 4].ToLowerInvariant()}-{i:00}", functions[i % 4])).Client);
        MessageInfo clean = await teams[14].SendAsync(NewMessage.Text(teams[21].Name, "ready") with { Subject = "build 812 is ready" }, wait: 10);
        await teams[0].SendAsync(NewMessage.Text("all", "hello") with { Subject = "the canteen is open again" }, wait: 10);
        foreach (ApiClient sender in teams.Take(3))
            await sender.SendAsync(NewMessage.Text(teams[5].Name, Eicar.Text) with { Subject = "an attachment in disguise" }, wait: 10);
        await DieAsync(teams[2], teams[3]);
        Guid ask = await AskAsync(teams);
        WorkflowInfo workflow = await WorkAsync(teams);
        return new(BoardView.All(clean.Id, teams[1].Name, workflow.Id, ask), teams[1].Key!);
    }

    /// <summary>A message that its recipient gave back as often as it may.</summary>
    public static async Task<Guid> DieAsync(ApiClient from, ApiClient to)
    {
        string gone = Names.New("gone");
        Guid message = (await from.SendAsync(NewMessage.Text(to.Name, "x") with { Subject = gone }, wait: 10)).Id;
        for (int attempt = 0; attempt < 8; attempt++)
        {
            IReadOnlyList<Delivery> leased = await to.LeaseAsync(wait: 10);
            await to.Api.NackAsync([.. leased.Select(l => l.DeliveryId)]);
        }
        await from.UntilStateAsync(message, "dead");
        return message;
    }

    private static async Task<Guid> AskAsync(List<ApiClient> teams)
    {
        ApiAnswer answer = await teams[0].PostAsync("/v1/asks", new { to = "function:QA", subject = "ready to ship?", body = 1, deadline = TimeProvider.System.GetUtcNow().AddHours(2) });
        Guid ask = answer.Json.GetProperty("id").GetGuid();
        foreach (ApiClient team in new[] { teams[1], teams[9] })
            await team.ReplyAsync(ask, """{"ready":"yes"}""");
        return ask;
    }

    private static async Task<WorkflowInfo> WorkAsync(List<ApiClient> teams)
    {
        NewTask Job(string key, int team, string title, params string[] after) => new(title, teams[team].Name) { Key = key, DependsOn = after.Length == 0 ? null : after };
        WorkflowInfo workflow = await teams[0].CreateWorkflowAsync(
            "release 8.1", Job("build", 0, "build the release"), Job("unit", 1, "run the unit tests", "build"), Job("web", 2, "try it in the browser", "build"),
            Job("data", 3, "migrate a copy", "build"), Job("ok", 5, "say that it is good", "unit", "web", "data"), Job("ship", 4, "ship it", "ok"));
        await teams[0].Api.StartTaskAsync(workflow.IdOf("build"));
        await teams[0].CompleteAsync(workflow.IdOf("build"), new { version = "8.1" });
        await teams[1].Api.StartTaskAsync(workflow.IdOf("unit"));
        return workflow;
    }
}
