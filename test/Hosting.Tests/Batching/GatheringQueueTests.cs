using System.Collections.Concurrent;
using ShitOps.Hosting.Batching;

namespace ShitOps.Hosting.Tests.Batching;

public sealed class GatheringQueueTests
{
    private sealed record Item(int Number, int Weight = 1)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private readonly ConcurrentQueue<int[]> _batches = new();
    private readonly SemaphoreSlim _gate = new(0);
    private readonly SemaphoreSlim _entered = new(0);

    [Fact]
    public async Task Items_gather_while_a_batch_is_under_way_and_go_together_in_order()
    {
        GatheringQueue<Item> queue = Gated(maxItems: 100);
        Item[] items = Items(10);
        queue.Add(items[0]);
        await Entered();
        foreach (Item item in items[1..])
            queue.Add(item);
        Assert.Equal(9, queue.Waiting);
        _gate.Release(2);
        await Done(items);
        Assert.Equal([[0], [1, 2, 3, 4, 5, 6, 7, 8, 9]], _batches.ToArray());
        Assert.Equal(0, queue.Waiting);
    }

    [Fact]
    public async Task A_batch_keeps_to_its_bound_of_items()
    {
        GatheringQueue<Item> queue = Gated(maxItems: 4);
        Item[] items = Items(10);
        queue.Add(items[0]);
        await Entered();
        foreach (Item item in items[1..])
            queue.Add(item);
        _gate.Release(10);
        await Done(items);
        Assert.Equal([[0], [1, 2, 3, 4], [5, 6, 7, 8], [9]], _batches.ToArray());
    }

    [Fact]
    public async Task A_batch_keeps_to_its_bound_of_weight_and_what_is_too_heavy_goes_alone()
    {
        GatheringQueue<Item> queue = Gated(maxItems: 100, maxWeight: 10);
        Item[] items = [new(0), new(1, 6), new(2, 4), new(3, 1), new(4, 50), new(5, 1)];
        queue.Add(items[0]);
        await Entered();
        foreach (Item item in items[1..])
            queue.Add(item);
        _gate.Release(10);
        await Done(items);
        Assert.Equal([[0], [1, 2], [3], [4], [5]], _batches.ToArray());
    }

    [Fact]
    public async Task A_failed_batch_fails_alone_and_the_next_one_runs()
    {
        var queue = new GatheringQueue<Item>(
            batch =>
            {
                if (batch.Any(i => i.Number == 0))
                    throw new IOException("broken");
                foreach (Item item in batch)
                    item.Done.SetResult();
                return Task.CompletedTask;
            },
            (batch, error) =>
            {
                foreach (Item item in batch)
                    item.Done.SetException(error);
            },
            maxItems: 1);
        Item[] items = Items(2);
        queue.Add(items[0]);
        queue.Add(items[1]);
        await Assert.ThrowsAsync<IOException>(() => items[0].Done.Task);
        await Done(items[1]);
    }

    [Fact]
    public async Task One_batch_runs_at_a_time_and_every_item_runs_once_in_each_writers_order()
    {
        const int writers = 8, each = 20_000;
        int running = 0, most = 0, batches = 0;
        var seen = new int[writers];
        bool ordered = true;
        int left = writers * each;
        var all = new TaskCompletionSource();
        var queue = new GatheringQueue<(int Writer, int Number)>(
            async batch =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                batches++;
                foreach ((int writer, int number) in batch)
                    ordered &= seen[writer]++ == number;
                await Task.Yield();
                Interlocked.Decrement(ref running);
                left -= batch.Count;
                if (left == 0)
                    all.SetResult();
            },
            (_, error) => all.TrySetException(error),
            maxItems: 500);
        await Parallel.ForAsync(0, writers, (writer, _) =>
        {
            for (int i = 0; i < each; i++)
                queue.Add((writer, i));
            return ValueTask.CompletedTask;
        });
        await all.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(ordered);
        Assert.Equal(1, most);
        Assert.All(seen, count => Assert.Equal(each, count));
        Assert.InRange(batches, writers * each / 500, writers * each / 2);
    }

    private static Item[] Items(int count) => [.. Enumerable.Range(0, count).Select(i => new Item(i))];

    private static Task Done(params Item[] items) => Task.WhenAll(items.Select(i => i.Done.Task)).WaitAsync(TimeSpan.FromSeconds(30));

    private async Task Entered() => Assert.True(await _entered.WaitAsync(TimeSpan.FromSeconds(30)));

    /// <summary>Each batch waits until the gate lets one through.</summary>
    private GatheringQueue<Item> Gated(int maxItems, long maxWeight = long.MaxValue) => new(
        async batch =>
        {
            _entered.Release();
            await _gate.WaitAsync();
            _batches.Enqueue([.. batch.Select(i => i.Number)]);
            foreach (Item item in batch)
                item.Done.SetResult();
        },
        (batch, error) =>
        {
            foreach (Item item in batch)
                item.Done.TrySetException(error);
        },
        maxItems, maxWeight, item => item.Weight);
}
