using System.Buffers;
using System.Reflection;
using System.Text.Json;
using ShitOps.Grains.Journal;
using ShitOps.Silo.Elastic;
using ShitOps.TestKit.Elastic;

namespace ShitOps.Elastic.Tests.Documents;

public sealed class DocumentTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 0, 0, 123, TimeSpan.Zero);
    private static readonly ServiceIdentity Service = new("shitops-silo", "0.1.0", "test");

    private static readonly Mappings Templates = new(FieldTemplates.Components.Select(name => JsonDocument.Parse(FieldTemplates.Json(name)).RootElement));

    /// <summary>What ECS 8.17 allows as event.type of each category used.</summary>
    private static readonly Dictionary<string, string[]> Expected = new()
    {
        ["api"] = ["access", "admin", "allowed", "change", "creation", "deletion", "denied", "end", "info", "start", "user"],
        ["authentication"] = ["end", "info", "start"],
        ["configuration"] = ["access", "change", "creation", "deletion", "info"],
        ["file"] = ["access", "change", "creation", "deletion", "info"],
        ["host"] = ["access", "change", "end", "info", "start"],
        ["iam"] = ["admin", "change", "creation", "deletion", "group", "info", "user"],
        ["malware"] = ["info"],
        ["network"] = ["access", "allowed", "connection", "denied", "end", "info", "protocol", "start"],
        ["process"] = ["access", "change", "end", "info", "start"],
    };

    public static TheoryData<string> AllTypes =>
        [.. typeof(EventTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(one => (string)one.GetRawConstantValue()!)];

    private static JournalEvent Full(string type) => new(type, Now)
    {
        Message = Guid.CreateVersion7(Now.AddSeconds(-2)),
        Reference = Guid.CreateVersion7(Now.AddSeconds(-3)),
        From = "qa",
        Team = "function:finance",
        Node = 3,
        Silo = "silo-1",
        Verdict = "infected",
        SignatureVersion = "27812",
        Attempt = 2,
        Reason = "Größe \"quoted\"\nand a second line",
        Actor = "operator:0198",
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        Size = 100,
        Sha256 = new byte[32],
    };

    private static JsonElement Document(JournalEvent e, EventPlace? place = null)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes, EcsDocument.Options);
        EcsDocument.Write(json, e, place ?? new EventPlace(4, 17, 2, 1000), Service);
        Assert.DoesNotContain((byte)'\n', bytes.WrittenSpan.ToArray());
        return JsonDocument.Parse(bytes.WrittenMemory).RootElement;
    }

    private static string? Text(JsonElement document, string path)
    {
        foreach (string part in path.Split('.'))
        {
            if (!document.TryGetProperty(part, out document))
                return null;
        }
        return document.ToString();
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void Every_type_of_event_fits_the_templates_and_ECS_full_and_bare(string type)
    {
        Assert.True(EcsKinds.IsKnown(type), $"{type} is not sorted into ECS");
        foreach (JsonElement document in new[] { Document(Full(type)), Document(new(type, Now)) })
        {
            Assert.Null(Templates.Check(document));
            string[] categories = [.. document.GetProperty("event").GetProperty("category").EnumerateArray().Select(c => c.GetString()!)];
            Assert.All(document.GetProperty("event").GetProperty("type").EnumerateArray(), each =>
                Assert.Contains(each.GetString()!, categories.SelectMany(c => Expected[c])));
            Assert.Equal(type, Text(document, "event.action"));
            Assert.Contains(Text(document, "event.outcome")!, (string[])["success", "failure"]);
        }
    }

    [Fact]
    public void A_type_of_a_later_version_is_sent_as_information() => Assert.Null(Templates.Check(Document(Full("comet.seen"))));

    [Fact]
    public void A_delivery_says_who_when_where_and_how_long()
    {
        JournalEvent told = Full(EventTypes.MessageDelivered) with { Verdict = null, Reference = null };
        JsonElement document = Document(told);
        Assert.Equal("2026-11-23T10:00:00.123Z", Text(document, "@timestamp"));
        Assert.Equal("4-17-2", Text(document, "event.id"));
        Assert.Equal("2000000000", Text(document, "event.duration"));
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", Text(document, "trace.id"));
        Assert.Equal("b7ad6b7169203331", Text(document, "span.id"));
        Assert.Equal("qa", Text(document, "source.address"));
        Assert.Equal("function:finance", Text(document, "shitops.team.to"));
        Assert.Equal(told.Message.ToString(), Text(document, "shitops.message.id"));
        Assert.Equal("operator", document.GetProperty("user").GetProperty("roles")[0].GetString());
        Assert.Equal(new string('0', 64), Text(document, "file.hash.sha256"));
        Assert.Null(Text(document, "rule.name"));
    }

    [Theory]
    [InlineData(EventTypes.MessageQuarantined, "Eicar-Test", "Eicar-Test")]
    [InlineData(EventTypes.AttachmentQuarantined, "0198: Eicar-Test", "Eicar-Test")]
    [InlineData(EventTypes.TaskRefused, "body: Eicar-Test", "Eicar-Test")]
    public void A_find_is_an_alert_that_names_the_signature(string type, string reason, string rule)
    {
        JsonElement document = Document(Full(type) with { Reason = reason });
        Assert.Equal("alert", Text(document, "event.kind"));
        Assert.Equal(rule, Text(document, "rule.name"));
        Assert.Equal("27812", Text(document, "rule.version"));
    }

    [Fact]
    public void Asks_and_tasks_are_found_under_their_own_ids()
    {
        JournalEvent ask = Full(EventTypes.AskReplied), task = Full(EventTypes.TaskDone);
        Assert.Equal(ask.Reference.ToString(), Text(Document(ask), "shitops.ask.id"));
        Assert.Equal("3000000000", Text(Document(ask), "event.duration"));
        Assert.Equal(task.Reference.ToString(), Text(Document(task), "shitops.task.id"));
        JournalEvent question = Full(EventTypes.MessageAccepted);
        Assert.Equal(question.Message.ToString(), Text(Document(question with { Reference = question.Message }), "shitops.ask.id"));
        Assert.Null(Text(Document(question), "shitops.ask.id"));
        Assert.Equal(question.Reference.ToString(), Text(Document(question), "shitops.reference"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    public void What_is_no_trace_is_left_out(string traceParent) =>
        Assert.Null(Text(Document(Full(EventTypes.MessageDelivered) with { TraceParent = traceParent }), "trace.id"));

    [Fact]
    public void The_id_follows_from_the_place_and_is_another_in_another_database()
    {
        Assert.Equal("3e8-4-17-2", new EventPlace(4, 17, 2, 1000).DocumentId);
        Assert.NotEqual(new EventPlace(4, 17, 2, 1000).DocumentId, new EventPlace(4, 17, 2, 1001).DocumentId);
    }

    [Fact]
    public void An_id_from_the_future_tells_no_duration() =>
        Assert.Null(Text(Document(Full(EventTypes.MessageDelivered) with { Message = Guid.CreateVersion7(Now.AddSeconds(1)) }), "event.duration"));
}
