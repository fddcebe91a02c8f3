using System.Buffers;
using System.Text.Json;
using ShitOps.Grains;
using ShitOps.Silo.Elastic;
using ShitOps.TestKit.Elastic;

namespace ShitOps.Elastic.Tests.Documents;

public sealed class MetricTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 0, 17, 500, TimeSpan.Zero);
    private static readonly Mappings Templates = new(FieldTemplates.Components.Select(name => JsonDocument.Parse(FieldTemplates.Json(name)).RootElement));

    private static readonly NodeStatus Node = new()
    {
        Index = 3,
        Silo = "silo-1",
        ActivatedAt = Now,
        Queue = 12,
        Held = 2,
        AcceptedRate = 1.25,
        ForwardedRate = 2,
        DeliveredRate = 0,
        Health = "degraded",
    };

    private static MetricSample[] Round(DateTimeOffset at) =>
        [.. MetricSample.Round("shitops", "main", at, [Node, Node with { Index = 4 }], new ExportStatus { LagEvents = 7, LagSeconds = 1.5 })];

    private static JsonElement Document(MetricSample sample)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes, EcsDocument.Options);
        EcsMetric.Write(json, sample, new("shitops-silo", "0.1.0", "test"));
        JsonElement document = JsonDocument.Parse(bytes.WrittenMemory).RootElement;
        Assert.Null(Templates.Check(document));
        return document;
    }

    [Fact]
    public void A_round_has_a_document_for_each_node_and_one_for_the_journal()
    {
        JsonElement[] documents = [.. Round(Now).Select(Document)];
        Assert.Equal(3, documents.Length);
        Assert.All(documents, document =>
        {
            Assert.Equal("metric", document.GetProperty("event").GetProperty("kind").GetString());
            Assert.Equal("2026-11-23T10:00:10Z", document.GetProperty("@timestamp").GetString());
        });
        JsonElement own = documents[0].GetProperty("shitops");
        Assert.Equal(3, own.GetProperty("node").GetInt32());
        Assert.Equal("""{"node":3,"health":"degraded","queue":12,"held":2,"accepted":1.25,"forwarded":2,"delivered":0}""", own.GetProperty("metrics").GetRawText());
        JsonElement journal = documents[2].GetProperty("shitops");
        Assert.False(journal.TryGetProperty("node", out _));
        Assert.Equal("""{"lag_events":7,"lag_seconds":1.5}""", journal.GetProperty("metrics").GetRawText());
    }

    [Fact]
    public void Two_rounds_of_one_interval_have_the_same_ids_and_the_next_has_others()
    {
        string[] ids = [.. Round(Now).Select(s => s.DocumentId)];
        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal(ids, Round(Now.AddSeconds(2)).Select(s => s.DocumentId));
        Assert.Empty(ids.Intersect(Round(Now.AddSeconds(3)).Select(s => s.DocumentId)));
    }

    [Fact]
    public void Samples_wait_in_order_until_they_are_sent_and_the_oldest_go_beyond_the_bound()
    {
        MetricSample[] first = Round(Now), second = Round(Now.AddSeconds(10));
        var buffer = new MetricBuffer(bound: 5);
        buffer.Add(first);
        Assert.Equal(first[..2], buffer.Take(2));
        Assert.Empty(buffer.Take(2));
        buffer.Add(second);
        Assert.Equal(0, buffer.Dropped);
        buffer.Restart();
        Assert.Equal(1, buffer.Dropped);
        Assert.Equal([.. first[1..], .. second], buffer.Take(100));
        buffer.Confirm();
        Assert.Empty(buffer.Take(100));
    }
}
