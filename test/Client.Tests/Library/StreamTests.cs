using Microsoft.AspNetCore.Http;
using ShitOps.Client.Tests.World;

namespace ShitOps.Client.Tests.Library;

/// <summary>The inbox as a stream that outlives its connections.</summary>
public sealed class StreamTests
{
    private static string Event(Guid id) =>
        $"id: {id}\nevent: delivery\ndata: {{\"deliveryId\":\"{id}\",\"attempt\":1,\"leasedUntil\":\"2026-12-01T08:00:00Z\",\"message\":{{\"id\":\"{id}\",\"kind\":\"message\",\"from\":\"a\"}}}}\n\n";

    /// <param name="cut">Cuts the connection once that has happened; else it ends in order.</param>
    private static Func<HttpContext, Task> Stream(Task? cut, params Guid[] ids) => async http =>
    {
        http.Response.ContentType = "text/event-stream";
        await http.Response.WriteAsync(": stream\n\n" + string.Concat(ids.Select(Event)));
        await http.Response.Body.FlushAsync();
        if (cut is null)
            return;
        await cut;
        http.Abort();
    };

    [Fact]
    public async Task After_a_break_it_goes_on_behind_what_arrived()
    {
        Guid[] ids = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];
        var third = new TaskCompletionSource();
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Then(Stream(null, ids[0], ids[1])).Refuse(503, "unavailable").Then(Stream(third.Task, ids[2])).Then(Stream(null)).Then(Stream(null, ids[3]));
        using ShitOpsClient client = api.Client();
        var seen = new List<Guid>();
        await foreach (Delivery delivery in client.StreamAsync(max: 10).Take(4))
        {
            seen.Add(delivery.DeliveryId);
            if (seen.Count == 3)
                third.SetResult();
        }
        Assert.Equal(ids, seen);
        Assert.Equal([null, ids[1].ToString(), ids[1].ToString(), ids[2].ToString(), ids[2].ToString()], api.Requests.Select(r => r.Headers.GetValueOrDefault("Last-Event-ID")));
        Assert.All(api.Requests, r => Assert.Equal("GET /v1/inbox/stream?max=10", r.Call));
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_given_up()
    {
        Guid id = Guid.NewGuid();
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Then(async http =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        });
        api.Then(Stream(null, id));
        // Its silence ends at once.
        using ShitOpsClient client = api.Client(o => o with { Time = new ImpatientTime(), AttemptTimeout = HastyTime.Never });
        Assert.Equal(id, (await client.StreamAsync().FirstAsync()).DeliveryId);
        Assert.Equal(2, api.Requests.Count);
    }

    [Fact]
    public async Task A_refusal_ends_it()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Refuse(403, "forbidden");
        using ShitOpsClient client = api.Client();
        Assert.Equal("forbidden", (await Assert.ThrowsAsync<ShitOpsException>(async () => await client.StreamAsync().FirstAsync())).Code);
    }

    /// <summary>45 s of silence are over after 200 ms, so that what does come has time to.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == TimeSpan.FromSeconds(45) ? TimeSpan.FromMilliseconds(200) : dueTime >= HastyTime.Never ? Timeout.InfiniteTimeSpan : dueTime, period);
    }
}
