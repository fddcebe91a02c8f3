using System.Diagnostics;
using System.Globalization;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>The largest workflow that may be.</summary>
[Collection(LargeTests.Name)]
public sealed class WorkflowSizeTests(LargeCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    private const int Tasks = 10_000, Ready = 1_000;

    [Fact]
    public async Task Ten_thousand_tasks_start_and_one_that_ends_wakes_only_what_depends_on_it()
    {
        ApiClient[] teams = await source.TeamsAsync(10);
        ApiClient owner = teams[0];
        ApiClient[] workers = teams[1..];
        // A thousand are ready at once, in chains of ten.
        NewTask[] drafts = [.. Enumerable.Range(0, Tasks).Select(n => NewTask.Of(Key(n), workers[n % workers.Length], n < Ready ? [] : [Key(n - Ready)]))];
        var clock = Stopwatch.StartNew();
        WorkflowInfo flow = await owner.CreateWorkflowAsync("large", drafts);
        TimeSpan accepted = clock.Elapsed;
        List<Delivery>[] received = await Task.WhenAll(workers.Select(
            (worker, w) => worker.ReceiveAsync(Enumerable.Range(0, Ready).Count(n => n % workers.Length == w), limit: TimeSpan.FromSeconds(60))));
        Tell($"{Tasks} tasks accepted after {accepted.TotalSeconds:0.00} s, the {Ready} ready ones delivered after {clock.Elapsed.TotalSeconds:0.00} s");
        Assert.Equal(flow.Tasks.Take(Ready).Select(task => task.Id).Order(), received.SelectMany(some => some).Select(d => d.Message.Task!.Value).Order());
        Assert.Equal((Ready, Tasks - Ready), (flow.Progress.Ready, flow.Progress.Blocked));

        const int Completed = 200;
        clock.Restart();
        foreach ((int n, TaskInfo task) in flow.Tasks.Take(Completed).Index())
            await workers[n % workers.Length].CompleteAsync(task.Id, 1);
        Tell($"a task of {Tasks} completed in {clock.Elapsed.TotalMilliseconds / Completed:0.0} ms");
        clock.Restart();
        WorkflowInfo now = await owner.WorkflowAsync(flow.Id);
        Tell($"its graph read in {clock.Elapsed.TotalSeconds:0.00} s");
        Assert.Equal((Completed, Ready, Tasks - Ready - Completed), (now.Progress.Done, now.Progress.Ready, now.Progress.Blocked));
    }

    [Fact]
    public async Task One_task_more_than_a_workflow_may_hold_is_refused()
    {
        ApiClient[] teams = await source.TeamsAsync(10);
        ApiClient owner = await NewTeamAsync("owner");
        ApiAnswer answer = await owner.TryCreateWorkflowAsync("too large", [.. Enumerable.Range(0, Tasks + 1).Select(n => NewTask.Of(Key(n), teams[2]))]);
        Assert.Null(answer.NotAProblem(413, 422));
        Assert.Empty(await owner.TasksAsync());
    }

    private static string Key(int number) => string.Create(CultureInfo.InvariantCulture, $"t{number}");

    private void Tell(FormattableString text) => Output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
