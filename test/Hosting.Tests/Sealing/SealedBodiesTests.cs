using System.Security.Cryptography;
using CsCheck;
using ShitOps.Hosting.Sealing;

namespace ShitOps.Hosting.Tests.Sealing;

public sealed class SealedBodiesTests : IDisposable
{
    private static readonly byte[] Body = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];

    private readonly MemoryRows _rows = new();
    private readonly ManualTime _time = new();
    private readonly SealingProcess _process;
    private readonly Guid _id = Guid.CreateVersion7();

    public SealedBodiesTests() => _process = new SealingProcess(_rows, time: _time);

    public void Dispose() => _process.Dispose();

    [Fact]
    public async Task What_was_sealed_opens_to_the_same_bytes() =>
        await Gen.Select(Gen.Byte.Array[0, 5_000], Gen.Guid, Gen.Int).SampleAsync(async (body, id, part) =>
        {
            byte[] box = await _process.Bodies.SealAsync(body, id, part);
            byte[] plain = await _process.Bodies.OpenAsync(box, id, part);
            return plain.AsSpan().SequenceEqual(body) && box.Length == body.Length + ShitOps.Hosting.Sealing.SealedBodies.Overhead;
        });

    [Fact]
    public async Task A_body_moved_to_another_message_does_not_open()
    {
        byte[] box = await _process.Bodies.SealAsync(Body, _id);
        await Assert.ThrowsAnyAsync<CryptographicException>(async () => await _process.Bodies.OpenAsync(box, Guid.CreateVersion7()));
    }

    [Fact]
    public async Task A_chunk_moved_to_another_place_does_not_open()
    {
        byte[] box = await _process.Bodies.SealAsync(Body, _id, part: 1);
        Assert.Equal(Body, await _process.Bodies.OpenAsync(box, _id, part: 1));
        await Assert.ThrowsAnyAsync<CryptographicException>(async () => await _process.Bodies.OpenAsync(box, _id, part: 2));
    }

    [Fact]
    public async Task Any_changed_byte_is_noticed()
    {
        byte[] box = await _process.Bodies.SealAsync(Body, _id);
        for (int at = 0; at < box.Length; at++)
        {
            byte[] changed = [.. box];
            changed[at] ^= 0x40;
            await Assert.ThrowsAnyAsync<CryptographicException>(async () => await _process.Bodies.OpenAsync(changed, _id));
        }
    }

    [Fact]
    public async Task A_body_cut_short_is_noticed()
    {
        byte[] box = await _process.Bodies.SealAsync(Body, _id);
        for (int length = 0; length < box.Length; length++)
            await Assert.ThrowsAnyAsync<CryptographicException>(async () => await _process.Bodies.OpenAsync(box.AsMemory(0, length), _id));
    }

    [Fact]
    public async Task The_same_body_sealed_twice_looks_different()
    {
        byte[] first = await _process.Bodies.SealAsync(Body, _id);
        byte[] second = await _process.Bodies.SealAsync(Body, _id);
        Assert.NotEqual(first, second);
        Assert.Equal(-1, first.AsSpan().IndexOf(Body.AsSpan(0, 16)));
    }

    [Fact]
    public async Task With_the_key_at_hand_sealing_and_opening_complete_at_once_and_allocate_the_result_only()
    {
        byte[] box = await _process.Bodies.SealAsync(Body, _id);
        Measure(out bool atOnce);
        long bytes = Measure(out atOnce);
        Assert.True(atOnce);
        // Two arrays a round, with their headers: 100 + 133 + 2 × 24, rounded up to 8 bytes each.
        Assert.InRange(bytes, 1, 100 * 300);

        long Measure(out bool all)
        {
            all = true;
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                ValueTask<byte[]> seal = _process.Bodies.SealAsync(Body, _id);
                ValueTask<byte[]> open = _process.Bodies.OpenAsync(box, _id);
                all &= seal.IsCompletedSuccessfully & open.IsCompletedSuccessfully;
                _ = seal.Result;
                _ = open.Result;
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public async Task Many_threads_seal_and_open_at_once()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 2_000), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, stop) =>
        {
            var id = Guid.NewGuid();
            byte[] body = BitConverter.GetBytes(i);
            Assert.Equal(body, await _process.Bodies.OpenAsync(await _process.Bodies.SealAsync(body, id, i, stop), id, i, stop));
        });
    }

    [Fact]
    public async Task After_its_time_a_key_seals_no_more_and_still_opens()
    {
        byte[] old = await _process.Bodies.SealAsync(Body, _id);
        _time.Pass(TimeSpan.FromHours(25));
        byte[] young = await _process.Bodies.SealAsync(Body, _id);
        Assert.NotEqual(SealingProcess.KeyOf(old), SealingProcess.KeyOf(young));
        Assert.Equal(Body, await _process.Bodies.OpenAsync(old, _id));
        Assert.Equal(Body, await _process.Bodies.OpenAsync(young, _id));
    }

    [Theory]
    [InlineData(-1, 0, 14.4)]
    [InlineData(1, 0, 1)]
    [InlineData(1, 2, 14.4)]
    [InlineData(15, 0, 14.4)]
    public void A_data_key_from_before_a_renewal_is_due_with_it(double renewedAtHour, double createdAtHour, double dueAfterHours)
    {
        DateTimeOffset midnight = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), created = midnight.AddHours(createdAtHour);
        var key = new WrappedDataKey(1, [], created, created.AddHours(16));
        Assert.Equal(created.AddHours(dueAfterHours), DataKeyWrap.DueAt(key, midnight.AddHours(renewedAtHour)));
    }

    [Fact]
    public async Task The_next_key_is_fetched_beside_the_work_before_the_last_one_is_over()
    {
        byte[] old = await _process.Bodies.SealAsync(Body, _id);
        _time.Pass(TimeSpan.FromHours(22));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        byte[] young;
        do
        {
            ValueTask<byte[]> seal = _process.Bodies.SealAsync(Body, _id);
            Assert.True(seal.IsCompletedSuccessfully, "nobody waits for the next key");
            young = await seal;
            await Task.Yield();
            limit.Token.ThrowIfCancellationRequested();
        }
        while (SealingProcess.KeyOf(young) == SealingProcess.KeyOf(old));
    }

    [Fact]
    public async Task While_the_database_is_away_the_key_seals_to_the_end_of_its_time_and_no_longer()
    {
        await _process.Bodies.SealAsync(Body, _id);
        _rows.Fault = new IOException("away");
        _time.Pass(TimeSpan.FromHours(23));
        await _process.Bodies.SealAsync(Body, _id);
        _time.Pass(TimeSpan.FromHours(2));
        await Assert.ThrowsAsync<IOException>(async () => await _process.Bodies.SealAsync(Body, _id));
        _rows.Fault = null;
        Assert.Equal(2, SealingProcess.KeyOf(await _process.Bodies.SealAsync(Body, _id)));
    }

    [Fact]
    public async Task A_body_whose_key_is_gone_says_so()
    {
        using var other = new SealingProcess(new MemoryRows(), time: _time);
        byte[] box = await _process.Bodies.SealAsync(Body, _id);
        CryptographicException error = await Assert.ThrowsAsync<CryptographicException>(async () => await other.Bodies.OpenAsync(box, _id));
        Assert.Contains("data key 1 is gone", error.Message);
    }

    [Fact]
    public async Task Every_process_opens_what_any_other_sealed()
    {
        using var second = new SealingProcess(_rows, time: _time);
        byte[] box = await _process.Bodies.SealAsync(Body, _id);
        Assert.Equal(Body, await second.Bodies.OpenAsync(box, _id));
        Assert.Equal(SealingProcess.KeyOf(box), SealingProcess.KeyOf(await second.Bodies.SealAsync(Body, _id)));
    }
}
