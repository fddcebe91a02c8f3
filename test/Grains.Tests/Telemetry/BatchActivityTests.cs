using System.Diagnostics;

namespace ShitOps.Grains.Tests.Telemetry;

public sealed class BatchActivityTests : IDisposable
{
    private readonly ActivitySource _source = new("ShitOps.Test." + Guid.NewGuid().ToString("N"));
    private readonly ActivityListener _listener;

    public BatchActivityTests()
    {
        _listener = new() { ShouldListenTo = source => source == _source, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _source.Dispose();
    }

    private static string Parent(bool recorded = true) => $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-0{(recorded ? 1 : 0)}";

    [Fact]
    public void A_batch_of_one_trace_is_part_of_it()
    {
        string parent = Parent();
        using Activity? activity = BatchActivity.Start(_source, "forward", ActivityKind.Consumer, [null, parent, parent], 3, node: 5);
        Assert.Equal(parent[3..35], activity!.TraceId.ToString());
        Assert.Equal(parent[36..52], activity.ParentSpanId.ToString());
        Assert.Single(activity.Links);
        Assert.Equal("shitops", activity.GetTagItem("messaging.system"));
        Assert.Equal("send", activity.GetTagItem("messaging.operation.type"));
        Assert.Equal(3, activity.GetTagItem("messaging.batch.message_count"));
        Assert.Equal(5, activity.GetTagItem("shitops.node"));
    }

    [Fact]
    public void A_batch_of_several_traces_links_to_each_and_is_part_of_none()
    {
        string[] parents = [Parent(), Parent(), Parent()];
        using var around = new Activity("around").Start();
        using Activity? activity = BatchActivity.Start(_source, "process", ActivityKind.Consumer, parents, 3);
        Assert.Equal(parents.Select(p => p[3..35]), activity!.Links.Select(link => link.Context.TraceId.ToString()));
        Assert.Equal(default, activity.ParentSpanId);
        Assert.NotEqual(around.TraceId, activity.TraceId);
    }

    [Fact]
    public void Nothing_is_made_of_what_is_not_recorded_nor_valid_and_the_activity_around_is_left()
    {
        using var around = new Activity("around").Start();
        Assert.Null(BatchActivity.Start(_source, "process", ActivityKind.Consumer, [null, Parent(recorded: false), "nonsense"], 3));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void Links_are_bounded()
    {
        using Activity? activity = BatchActivity.Start(_source, "process", ActivityKind.Consumer, Enumerable.Range(0, 500).Select(_ => Parent()), 500);
        Assert.Equal(64, activity!.Links.Count());
    }

    [Fact]
    public void Without_a_listener_nothing_is_looked_at()
    {
        using var silent = new ActivitySource("ShitOps.Silent");
        Assert.Null(BatchActivity.Start(silent, "process", ActivityKind.Consumer, Unread(), 1));

        static IEnumerable<string?> Unread()
        {
            Assert.Fail("read");
            yield return null;
        }
    }
}
