using System.Text.Json;

namespace ShitOps.Client.Tests.Docs;

internal static partial class Snippets
{
    public static async Task AsksAsync(ShitOpsClient dev, ShitOpsClient qa)
    {
        #region POST /v1/asks
        Accepted ask = await dev.AskAsync(new("function:QA", Deadline: TimeProvider.System.GetUtcNow().AddHours(1))
        {
            Body = JsonSerializer.SerializeToElement("ready to ship?"),
            Collate = new("tally", "/ready"),
        });
        #endregion

        #region POST /v1/asks/{id}/reply
        AcceptedReply reply = await qa.ReplyAsync(ask.Id, NewReply.Json("""{"ready":"yes"}"""));
        Console.WriteLine(reply.State);
        #endregion

        #region GET /v1/asks
        await foreach (AskSummary open in dev.GetAsksAsync(state: "open"))
            Console.WriteLine($"{open.Id} to {open.To}: {open.Answered} of {open.Asked}, until {open.Deadline:O}");
        #endregion

        #region GET /v1/asks/{id}
        AskInfo info = await dev.GetAskAsync(ask.Id);
        Console.WriteLine($"{info.State}: {info.Answered} of {info.Asked}, missing {string.Join(", ", info.Missing)}: {info.Result}");
        await foreach (ReplyInfo answer in dev.GetRepliesAsync(ask.Id))
            Console.WriteLine($"{answer.Team}: {answer.Body}");
        foreach (JournalEvent step in await dev.TraceAskAsync(ask.Id))
            Console.WriteLine($"{step.At:O} {step.Type} {step.Team}");
        #endregion
    }

    public static async Task TasksAsync(ShitOpsClient dev, ShitOpsClient qa)
    {
        #region POST /v1/tasks
        TaskInfo task = await dev.CreateTaskAsync(new("try build 812", "qa-web") { DueAt = TimeProvider.System.GetUtcNow().AddDays(1) });
        #endregion

        #region POST /v1/workflows
        WorkflowInfo release = await dev.CreateWorkflowAsync(new("release 812",
        [
            new("build it", "dev") { Key = "build" },
            new("test it", "qa-web") { Key = "test", DependsOn = ["build"] },
            new("announce it", "dev") { Key = "announce", DependsOn = ["test"], OnDependencyFailure = "ignore" },
        ]));
        Console.WriteLine($"{release.Id}: build is {release.Ids["build"]}");
        #endregion

        #region POST /v1/tasks/{id}/start
        await qa.StartTaskAsync(task.Id);
        await qa.CompleteTaskAsync(task.Id, JsonSerializer.SerializeToElement(new { passed = 812 }));
        await dev.FailTaskAsync(release.Ids["build"], reason: "it does not build");
        #endregion

        #region POST /v1/tasks/{id}/reassign
        await dev.ReassignTaskAsync(release.Ids["announce"], "qa-web");
        await dev.CancelTaskAsync(release.Ids["announce"], reason: "nothing to announce");
        #endregion

        #region GET /v1/tasks
        await foreach (TaskInfo mine in qa.GetTasksAsync(new(Team: "qa-web", State: "done")))
            Console.WriteLine($"{mine.Id} {mine.Title}");
        TaskInfo done = await dev.GetTaskAsync(task.Id);
        Console.WriteLine($"{done.State}: {done.Result}");
        foreach (JournalEvent step in await dev.TraceTaskAsync(task.Id))
            Console.WriteLine($"{step.At:O} {step.Type}");
        WorkflowInfo flow = await dev.GetWorkflowAsync(release.Id);
        Console.WriteLine($"{flow.Progress.Failed} of {flow.Progress.Total} failed");
        #endregion
    }

    public static async Task OperationsAsync(ShitOpsClient dev, ShitOpsClient admin, ShitOpsClient security)
    {
        #region GET /v1/quarantine
        List<QuarantineEntry> waiting = await admin.GetQuarantineAsync(state: "waiting").ToListAsync();
        QuarantineEntry entry = await security.GetQuarantineEntryAsync(waiting[0].Id);
        Console.WriteLine($"{entry.From} sent {entry.Signature}");
        #endregion

        #region POST /v1/quarantine/{id}/release
        await security.ReleaseAsync(waiting[0].Id, reason: "a test file");
        await security.PurgeAsync(waiting[1].Id, reason: "nobody needs it");
        #endregion

        #region GET /v1/dead-letters
        foreach (DeadLetterGroup group in await admin.GetDeadLettersAsync(team: "gone"))
            Console.WriteLine($"{group.Reason}: {group.Count}, the first from {group.Items[0].From}");
        #endregion

        #region POST /v1/dead-letters/replay
        IReadOnlyList<DeadLetterGroup> groups = await dev.GetDeadLettersAsync();
        Guid[] messages = [.. (await admin.GetDeadLettersAsync(team: "gone")).SelectMany(group => group.Items).Select(letter => letter.Message)];
        int again = await admin.ReplayAsync(DeadLetterChoice.Of(messages[0]));
        int given = await admin.DiscardAsync(DeadLetterChoice.Of(messages[1]));
        Console.WriteLine($"{again} sent again, {given} given up; dev sees {groups.Count} groups of its own");
        #endregion

        #region GET /v1/events
        await foreach (JournalEvent e in admin.GetEventsAsync(type: "quarantine.*"))
            Console.WriteLine($"{e.At:O} {e.Type} {e.Message} {e.Actor} {e.Reason}");
        #endregion

        #region GET /v1/events/verification
        await foreach (JournalPart part in admin.VerifyJournalAsync())
        {
            foreach (JournalFault fault in part.Faults)
                Console.WriteLine($"writer {fault.Writer}, rows {fault.First} to {fault.Last}: {fault.Kind}, {fault.Detail}");
            Console.WriteLine($"{part.Rows} rows, about {part.Remaining} are left");
        }
        #endregion

        #region GET /health/ready
        await admin.CheckLiveAsync();
        Readiness ready = await admin.GetReadinessAsync();
        Console.WriteLine($"{ready.Status} {string.Join("; ", ready.Reasons)}");
        string metrics = await admin.GetMetricsAsync();
        Console.WriteLine(metrics.Split('\n')[0]);
        #endregion
    }
}
