using System.Text;
using ShitOps.Gateway.Asks;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Messages;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.Parsing;

public sealed class AskParsingTests
{
    private const string Whole = """{"to":"all","body":1,"deadline":"2026-12-01T08:00:00Z"MORE}""";

    private static (Problem? Problem, MessageDraft Draft) Read(string json)
    {
        Problem? problem = AskFields.ReadAsk(Encoding.UTF8.GetBytes(json), out MessageDraft draft, out Faults faults);
        return (problem ?? (faults.Any ? faults.ToProblem() : null), draft);
    }

    private static (Problem? Problem, MessageDraft Draft) With(string more) => Read(Whole.Replace("MORE", more, StringComparison.Ordinal));

    [Theory]
    [InlineData("""{"body":1,"deadline":"2026-12-01T08:00:00Z"}""", "required", "/to")]
    [InlineData("""{"to":"all","deadline":"2026-12-01T08:00:00Z"}""", "required", "/body")]
    [InlineData("""{"to":"all","body":1}""", "required", "/deadline")]
    [InlineData("""{"to":"all","body":1,"deadline":null}""", "required", "/deadline")]
    [InlineData("""{"to":"all","body":1,"deadline":"soon"}""", "bad_time", "/deadline")]
    [InlineData("""{"to":"all","body":1,"deadline":"2026-12-01T08:00:00"}""", "bad_time", "/deadline")]
    [InlineData("""{"to":"all","body":1,"deadline":60}""", "wrong_type", "/deadline")]
    public void What_an_ask_needs_is_asked_for(string json, string code, string at) => IsFault(Read(json).Problem, code, at);

    [Theory]
    [InlineData(""","quorum":0""", "out_of_range", "/quorum")]
    [InlineData(""","quorum":-1""", "out_of_range", "/quorum")]
    [InlineData(""","quorum":1.5""", "out_of_range", "/quorum")]
    [InlineData(""","quorum":99999999999""", "out_of_range", "/quorum")]
    [InlineData(""","quorum":"2" """, "wrong_type", "/quorum")]
    [InlineData(""","collate":"tally" """, "wrong_type", "/collate")]
    [InlineData(""","collate":["tally"]""", "wrong_type", "/collate")]
    [InlineData(""","collate":{"kind":"average","pointer":"/a"}""", "unknown_value", "/collate/kind")]
    [InlineData(""","collate":{"kind":1}""", "wrong_type", "/collate/kind")]
    [InlineData(""","collate":{"kind":"tally"}""", "required", "/collate/pointer")]
    [InlineData(""","collate":{"kind":"sum","pointer":null}""", "required", "/collate/pointer")]
    [InlineData(""","collate":{"kind":"list","pointer":"/a"}""", "not_allowed", "/collate/pointer")]
    [InlineData(""","collate":{"pointer":"/a"}""", "not_allowed", "/collate/pointer")]
    [InlineData(""","collate":{"kind":"min","pointer":"a"}""", "bad_pointer", "/collate/pointer")]
    [InlineData(""","collate":{"kind":"min","pointer":"/a~"}""", "bad_pointer", "/collate/pointer")]
    [InlineData(""","collate":{"kind":"min","pointer":"/a~2"}""", "bad_pointer", "/collate/pointer")]
    [InlineData(""","collate":{"kind":"max","pointer":7}""", "wrong_type", "/collate/pointer")]
    [InlineData(""","collate":{"kind":"max","pointer":"/\ud800"}""", "invalid_text", "/collate/pointer")]
    [InlineData(""","collate":{"kind":"max","ponter":"/a","pointer":"/a"}""", "unknown_field", "/collate/ponter")]
    [InlineData(""","ttl":60""", "unknown_field", "/ttl")]
    [InlineData(""","deliverAt":"2026-12-01T08:00:00Z" """, "unknown_field", "/deliverAt")]
    [InlineData(""","priority":"high" """, "unknown_value", "/priority")]
    [InlineData(""","subject":"" """, "bad_length", "/subject")]
    [InlineData(""","orderingKey":"" """, "bad_length", "/orderingKey")]
    [InlineData(""","correlationId":"" """, "bad_length", "/correlationId")]
    [InlineData(""","contentType":"x" """, "bad_media_type", "/contentType")]
    [InlineData(""","bodyBase64":"AA==" """, "body_twice", "/body")]
    [InlineData(""","attachments":[1]""", "wrong_type", "/attachments/0")]
    public void Each_field_that_makes_no_sense_is_named_with_its_place(string more, string code, string at) => IsFault(With(more).Problem, code, at);

    [Fact]
    public void A_pointer_that_is_too_long_is_refused()
    {
        IsFault(With($",\"collate\":{{\"kind\":\"sum\",\"pointer\":\"/{new string('a', Limits.PointerLength)}\"}}").Problem, "bad_length", "/collate/pointer");
        Assert.Null(With($",\"collate\":{{\"kind\":\"sum\",\"pointer\":\"/{new string('a', Limits.PointerLength - 1)}\"}}").Problem);
    }

    [Fact]
    public void Every_fault_is_listed_at_once()
    {
        (Problem? problem, _) = Read("""{"too":"a","quorum":0,"collate":{"kind":"x","pointr":"","pointer":"a"},"deadline":"y","priority":"z"}""");
        Assert.Equal((422, "invalid_request"), (problem?.Status, problem?.Code));
        Assert.Equal(
            ["/body", "/collate/kind", "/collate/pointer", "/collate/pointr", "/deadline", "/priority", "/quorum", "/to", "/too"],
            problem!.Errors.Select(e => e.At!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"kind":"tally","pointer":"/ready"}""", CollateKind.Tally, "/ready")]
    [InlineData("""{"pointer":"","kind":"sum"}""", CollateKind.Sum, "")]
    [InlineData("""{"kind":"min","pointer":"/a~0b~1c/0"}""", CollateKind.Min, "/a~0b~1c/0")]
    [InlineData("""{"kind":"max","pointer":"/"}""", CollateKind.Max, "/")]
    [InlineData("""{"kind":"list"}""", CollateKind.List, null)]
    [InlineData("{}", CollateKind.List, null)]
    [InlineData("null", CollateKind.List, null)]
    public void How_replies_become_one_is_read(string collate, CollateKind kind, string? at)
    {
        (Problem? problem, MessageDraft draft) = With($",\"quorum\":3,\"collate\":{collate}");
        Assert.Null(problem);
        Assert.Equal(new AskSpec(new DateTimeOffset(2026, 12, 1, 8, 0, 0, TimeSpan.Zero), 3, kind, at), draft.Ask!.ToSpec());
    }

    [Fact]
    public void The_digest_tells_asks_apart_and_from_messages()
    {
        byte[] Digest(string more) => RequestDigest.Of(With(more).Draft, System.Security.Cryptography.SHA256.HashData("1"u8));
        byte[] first = Digest("");
        Assert.Equal(first, Digest(""","collate":{"kind":"list"}"""));
        string[] others = [""","quorum":1""", ""","quorum":2""", ""","collate":{"kind":"sum","pointer":""}""", ""","collate":{"kind":"min","pointer":""}""", ""","collate":{"kind":"sum","pointer":"/"}"""];
        byte[][] digests = [first, .. others.Select(Digest)];
        Assert.Equal(digests.Length, digests.Select(Convert.ToHexString).Distinct().Count());
        MessageFields.ReadSingle("""{"to":"all","body":1}"""u8.ToArray(), out MessageDraft message, out _);
        Assert.NotEqual(first, RequestDigest.Of(message, System.Security.Cryptography.SHA256.HashData("1"u8)));
    }

    [Theory]
    [InlineData("""{"body":1,"to":"a"}""", "unknown_field", "/to")]
    [InlineData("{}", "required", "/body")]
    [InlineData("""{"body":1,"bodyBase64":"AA=="}""", "body_twice", "/body")]
    [InlineData("""{"bodyBase64":"?"}""", "bad_base64", "/bodyBase64")]
    [InlineData("""{"body":"\udc00"}""", "invalid_text", "/body")]
    public void A_reply_that_makes_no_sense_is_refused(string json, string code, string at)
    {
        Assert.Null(AskFields.ReadReply(Encoding.UTF8.GetBytes(json), out _, out Faults faults));
        IsFault(faults.ToProblem(), code, at);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("plain", true)]
    [InlineData(@"\n\\\""\u00e9", true)]
    [InlineData(@"\ud83d\ude00 and \uD83D\uDE00", true)]
    [InlineData(@"\\ud800", true)]
    [InlineData(@"\ud800", false)]
    [InlineData(@"\udc00", false)]
    [InlineData(@"\ude00\ud83d", false)]
    [InlineData(@"\ud83d\ud83d\ude00", false)]
    [InlineData(@"\ud83d\\ude00", false)]
    [InlineData(@"\ud83dx\ude00", false)]
    [InlineData(@"\uD83D\n", false)]
    [InlineData(@"\\\ud800", false)]
    public void Half_a_surrogate_pair_is_found_wherever_it_stands(string escaped, bool whole)
    {
        Assert.Equal(whole, JsonText.HoldsWholePairs(Encoding.UTF8.GetBytes(escaped)));
        foreach (string body in new[] { $"\"{escaped}\"", $"{{\"a\":[1,\"{escaped}\"]}}", $"{{\"{escaped}\":1}}" })
        {
            MessageFields.ReadSingle(Encoding.UTF8.GetBytes($$"""{"to":"a","body":{{body}}}"""), out MessageDraft draft, out Faults faults);
            if (whole)
                Assert.Equal(body, Encoding.UTF8.GetString(draft.Body.Span));
            else
                IsFault(faults.ToProblem(), "invalid_text", "/body");
        }
    }

    private static void IsFault(Problem? problem, string code, string at)
    {
        Assert.Equal((422, code), (problem?.Status, problem?.Code));
        Assert.Equal([at], problem!.Errors.Select(e => e.At!));
    }
}
