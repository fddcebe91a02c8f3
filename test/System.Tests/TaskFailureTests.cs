using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>A silo dies while a workflow is under way. No task is lost, and none becomes ready twice.</summary>
[Collection(BreaksThings.Name)]
public sealed class TaskFailureTests(FragileCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    private const int Layers = 12, Width = 10;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Cluster.MendAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_silo_killed_in_mid_workflow_loses_and_doubles_no_task(int silo)
    {
        ApiClient owner = await NewTeamAsync("owner");
        var workers = new ApiClient[4];
        for (int i = 0; i < workers.Length; i++)
            workers[i] = await NewTeamAsync("worker");
        WorkflowInfo flow = await owner.CreateWorkflowAsync("layers", [.. Layered(workers)]);
        // A second workflow waits for the last layer of the first, so that what goes across is under way as well.
        TaskInfo after = await owner.CreateTaskAsync(workers[0].Name, "after all", null,
            [.. Enumerable.Range(0, Width).Select(n => flow.IdOf(Key(Layers - 1, n)).ToString())]);

        var messages = new ConcurrentDictionary<Guid, Guid>(); // of each message: its task
        var middle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var done = new ConcurrentDictionary<Guid, bool>();
        using var stop = new CancellationTokenSource();
        Task[] working = [.. workers.Select(worker => WorkAsync(worker, messages, done, middle, stop.Token))];
        await middle.Task.WaitAsync(Limit);
        await Cluster.Silos[silo].StopAsync(Signals.Kill);
        var clock = Stopwatch.StartNew();
        await Eventually.UntilAsync(() => owner.TaskAsync(after.Id), task => task.State == "done", Limit, "the last task of all is done");
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"done {clock.Elapsed.TotalSeconds:0.0} s after the kill"));
        await stop.CancelAsync();
        await Task.WhenAll(working);

        Assert.All((await owner.WorkflowAsync(flow.Id)).Tasks, task => Assert.Equal("done", task.State));
        Assert.Equal((Layers * Width) + 1, messages.Values.Distinct().Count());
        Assert.Empty(messages.GroupBy(message => message.Value).Where(task => task.Count() > 1).Select(task => $"task {task.Key} was delivered {task.Count()} times"));
        foreach (TaskInfo task in (await owner.WorkflowAsync(flow.Id)).Tasks.Where((_, n) => n % 7 == 0))
            Assert.Single(await owner.TaskTraceAsync(task.Id), e => e.Type == "task.ready");
        await Cluster.Silos[silo].RestartAsync();
    }

    // Each task depends on two of the layer above.
    private static IEnumerable<NewTask> Layered(ApiClient[] workers) =>
        from layer in Enumerable.Range(0, Layers)
        from n in Enumerable.Range(0, Width)
        select NewTask.Of(Key(layer, n), workers[(layer + n) % workers.Length], layer == 0 ? [] : [Key(layer - 1, n), Key(layer - 1, (n + 1) % Width)]);

    private static string Key(int layer, int n) => string.Create(CultureInfo.InvariantCulture, $"t-{layer}-{n}");

    private static async Task WorkAsync(
        ApiClient worker, ConcurrentDictionary<Guid, Guid> messages, ConcurrentDictionary<Guid, bool> done, TaskCompletionSource middle, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                foreach (Delivery delivery in await worker.LeaseAsync(max: 5, wait: 1, lease: 20))
                {
                    Guid task = delivery.Message.Task!.Value;
                    messages[delivery.Message.Id] = task;
                    ApiAnswer answer = await worker.TryActAsync(task, "complete", new { result = delivery.Message.Subject });
                    // Without an answer it may be done: then it is said to be, when the delivery comes again.
                    if (answer.Status is not (200 or 409))
                        continue;
                    await worker.AckAsync(delivery.DeliveryId);
                    done[task] = true;
                    if (done.Count >= Layers * Width / 2)
                        middle.TrySetResult();
                }
            }
            catch (Exception error) when (Eventually.IsPassing(error))
            {
                // The silo is gone; the lease or the completion is tried again.
            }
        }
    }
}
