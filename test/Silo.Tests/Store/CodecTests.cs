using CsCheck;
using ShitOps.Grains.Journal;
using ShitOps.Silo.Store;

namespace ShitOps.Silo.Tests.Store;

public sealed class CodecTests
{
    private static readonly string[] Samples = ["a", "", "é😀", "message.accepted"];
    private static readonly int[] Edges = [0, -1, int.MinValue, int.MaxValue];
    private static readonly Gen<string?> Text = Gen.Frequency((1, Gen.Const((string?)null)), (3, Gen.Int[0, 3].Select(i => (string?)Samples[i])), (1, Gen.Int.Select(i => (string?)("s" + i))));
    private static readonly Gen<int?> Number = Gen.Frequency((1, Gen.Const((int?)null)), (2, Gen.Int.Select(i => (int?)i)), (1, Gen.Int[0, 3].Select(i => (int?)Edges[i])));
    private static readonly Gen<JournalEvent> Event =
        Gen.Select(Gen.Select(Text, Text, Text, Text), Gen.Select(Text, Text, Text, Text), Gen.Select(Number, Number, Number), Gen.Select(Gen.Byte, Gen.DateTime))
            .Select((a, b, n, r) => new JournalEvent(a.Item1 ?? "t", new DateTimeOffset(DateTime.SpecifyKind(r.Item2, DateTimeKind.Utc)))
            {
                From = a.Item2,
                Team = a.Item3,
                Silo = a.Item4,
                Verdict = b.Item1,
                SignatureVersion = b.Item2,
                Reason = b.Item3,
                Actor = b.Item4,
                TraceParent = a.Item2,
                Node = n.Item1,
                Attempt = n.Item2,
                Size = n.Item3,
                Message = r.Item1 < 128 ? new Guid(r.Item1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) : null,
                Sha256 = r.Item1 % 3 == 0 ? [.. Enumerable.Repeat(r.Item1, 32)] : null,
            });

    [Fact]
    public void Every_list_of_events_comes_back_as_it_was()
    {
        var codec = new JournalCodec();
        Event.Array[0, 60].Sample(events =>
        {
            byte[] data;
            lock (codec)
                data = codec.Encode(events);
            JournalEvent[] back = JournalCodec.Decode(data);
            Assert.Equal(events.Length, back.Length);
            for (int i = 0; i < events.Length; i++)
            {
                Assert.Equal(events[i].Sha256, back[i].Sha256);
                Assert.Equal(events[i] with { Sha256 = null }, back[i] with { Sha256 = null });
            }
        });
    }

    [Fact]
    public void A_row_cut_anywhere_is_refused()
    {
        byte[] data = new JournalCodec().Encode(Golden);
        for (int length = 1; length < data.Length - 5; length++)
            Assert.Throws<InvalidDataException>(() => JournalCodec.Decode(data[..length]));
        data[0] = 99;
        Assert.Throws<InvalidDataException>(() => JournalCodec.Decode(data));
    }

    private static JournalEvent[] Golden => [.. Enumerable.Range(0, 20).Select(i => new JournalEvent(i % 2 == 0 ? EventTypes.MessageAccepted : EventTypes.MessageScanned, Make.Now.AddMilliseconds(i))
    {
        Message = new Guid(i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), From = "a", Team = i == 3 ? "qä" : null, Node = i, Silo = "silo-1", Verdict = "clean",
        SignatureVersion = "1.4.6/27000", Size = 100 + i, Sha256 = [.. Enumerable.Repeat((byte)i, 32)], Attempt = i == 5 ? -1 : null,
    })];

    [Fact]
    public void Rows_written_by_version_1_are_read_for_ever()
    {
        string file = Path.Combine(AppContext.BaseDirectory, "Store", "journal-v1.bin");
        JournalEvent[] back = JournalCodec.Decode(File.ReadAllBytes(file));
        Assert.Equivalent(Golden, back, strict: true);
    }

    [Fact]
    public void A_hop_s_event_costs_few_bytes()
    {
        var events = new List<JournalEvent>();
        for (int m = 0; m < 500; m++)
        {
            Guid id = Guid.CreateVersion7();
            for (int hop = 0; hop < 9; hop++)
                events.Add(new JournalEvent(EventTypes.MessageForwarded, Make.Now.AddTicks(hop * 1000)) { Message = id, Node = hop, Silo = "silo-" + (hop % 3), Verdict = "clean", SignatureVersion = "27000" });
        }
        Assert.InRange(new JournalCodec().Encode([.. events]).Length / (double)events.Count, 0, 8);
    }
}
