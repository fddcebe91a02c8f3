using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using ShitOps.Grains;
using ShitOps.Grains.Scanning;

namespace ShitOps.Scanner.Tests;

public sealed class ContentPartsTests
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char[' ', '~'], 0, 60],
        Gen.String[Gen.Char.AlphaNumeric, 0, 60],
        Gen.String[OneOf('"', '\\', '\n', '\u00e4', '\u20ac', '\u0000', 'a', '='), 0, 60],
        Gen.Int[0, 40].Select(n => string.Concat(Enumerable.Repeat("\U0001F600", n))));

    private static readonly Gen<JsonNode?> Json = Gen.Recursive<JsonNode?>((depth, self) => depth == 4
        ? Text.Select(text => (JsonNode?)text)
        : Gen.Frequency(
            (4, Text.Select(text => (JsonNode?)text)),
            (1, Gen.Int.Select(number => (JsonNode?)number)),
            (1, Gen.Const((JsonNode?)null)),
            (2, self.Array[0, 5].Select(items => (JsonNode?)new JsonArray([.. items.Select(Copy)]))),
            (2, Gen.Select(Text, self).Array[0, 5].Select(pairs => (JsonNode?)new JsonObject(
                pairs.DistinctBy(pair => pair.Item1).Select(pair => KeyValuePair.Create(pair.Item1, Copy(pair.Item2))))))));

    private static Gen<char> OneOf(params char[] chars) => Gen.Int[0, chars.Length - 1].Select(i => chars[i]);

    private static JsonNode? Copy(JsonNode? node) => node?.DeepClone();

    private static (string? Reason, byte[][] Parts) Cut(BodyKind kind, byte[] body, string? subject = null)
    {
        using var list = new PartList();
        var places = new List<int>();
        string? reason = ContentParts.Cut(kind, body, subject, list, places);
        return (reason, [.. places.Select(place => list.Parts[place].ToArray())]);
    }

    private static bool Has(byte[][] parts, ReadOnlySpan<byte> wanted)
    {
        foreach (byte[] part in parts)
        {
            if (wanted.SequenceEqual(part))
                return true;
        }
        return false;
    }

    private static IEnumerable<string> Strings(JsonNode? node) => node switch
    {
        JsonObject record => record.SelectMany(pair => Strings(pair.Value).Prepend(pair.Key)),
        JsonArray items => items.SelectMany(Strings),
        JsonValue value when value.TryGetValue(out string? text) => [text],
        _ => [],
    };

    [Fact]
    public void Every_string_and_name_of_16_bytes_or_more_is_a_part_and_so_is_the_whole() => Json.Sample(node =>
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(node);
        (string? reason, byte[][] parts) = Cut(BodyKind.Json, body);
        return reason is null
            && (node is JsonValue value && value.TryGetValue(out string? _) || Has(parts, body))
            && Strings(node).Select(Encoding.UTF8.GetBytes).Where(text => text.Length >= ContentParts.MinPartBytes).All(text => Has(parts, text));
    }, iter: 3_000);

    private static string Wrap(string text, int width) => string.Join("\r\n", text.Chunk(width).Select(line => new string(line)));

    private static readonly (string Name, Func<byte[], string> Encode)[] Encodings =
    [
        ("plain", Convert.ToBase64String),
        ("url", bytes => Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '_').TrimEnd('=')),
        ("without padding", bytes => Convert.ToBase64String(bytes).TrimEnd('=')),
        ("MIME lines", bytes => Wrap(Convert.ToBase64String(bytes), 76)),
        ("odd lines", bytes => "  " + Wrap(Convert.ToBase64String(bytes), 7) + "\n"),
        ("data URL", bytes => "data:application/octet-stream;base64," + Convert.ToBase64String(bytes)),
        ("two in a text", bytes => "<img src='data:image/png;base64,AAAA'> and <img src='data:image/png;base64," + Convert.ToBase64String(bytes) + "'>"),
        ("twice", bytes => Convert.ToBase64String(Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes)))),
        ("three times", bytes => Convert.ToBase64String(Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes)))))),
    ];

    [Fact]
    public void Whatever_is_embedded_in_base64_is_a_part() => Gen.Select(Gen.Byte.Array[16, 300], Gen.Int[0, Encodings.Length - 1], Gen.Int[0, 4]).Sample(
        (content, encoding, place) =>
        {
            string text = Encodings[encoding].Encode(content);
            byte[][] parts = place switch
            {
                0 => Cut(BodyKind.Json, JsonSerializer.SerializeToUtf8Bytes(new { a = new object[] { 1, text } })).Parts,
                1 => Cut(BodyKind.Json, JsonSerializer.SerializeToUtf8Bytes(text)).Parts,
                2 => Cut(BodyKind.Json, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, int> { [text] = 1 })).Parts,
                3 => Cut(BodyKind.Bytes, Encoding.UTF8.GetBytes(text)).Parts,
                _ => Cut(BodyKind.Json, "{}"u8.ToArray(), text).Parts,
            };
            return Has(parts, content);
        },
        iter: 5_000);

    [Fact]
    public void Any_bytes_at_all_are_cut_without_failing_and_the_whole_is_a_part() => Gen.OneOf(
        Gen.Byte.Array[1, 400],
        Gen.String[OneOf('{', '"', '[', ',', ':', 'a', '\\', 'u', 'd', '8', '0', ' ', ']', '}'), 1, 100].Select(Encoding.UTF8.GetBytes)).Sample(
        body =>
        {
            (string? reason, byte[][] parts) = Cut(BodyKind.Bytes, body);
            Cut(BodyKind.Json, body);
            return reason is null && Has(parts, body);
        },
        iter: 5_000);

    [Fact]
    public void A_body_that_is_one_string_is_seen_without_its_quotes_and_only_once()
    {
        (string? reason, byte[][] parts) = Cut(BodyKind.Json, """"  "short" """"u8.ToArray());
        Assert.Null(reason);
        Assert.Equal(["short"], parts.Select(Encoding.UTF8.GetString));
    }

    [Fact]
    public void The_largest_body_of_the_shortest_strings_can_be_cut()
    {
        // 17-byte strings that are base64 too: the most parts that 256 KiB can make without nesting.
        string[] items = [.. Enumerable.Range(0, Limits.BodyBytes / 25).Select(i => $"x{i:D21}")];
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(items);
        Assert.InRange(body.Length, Limits.BodyBytes - 1_000, Limits.BodyBytes);
        (string? reason, byte[][] parts) = Cut(BodyKind.Json, body);
        Assert.Null(reason);
        Assert.Equal(1 + (2 * items.Length), parts.Length);
    }

    [Theory]
    [InlineData("0198a7e2-6b1c-7d3e-8f40-1234567890ab")]
    [InlineData("2026-12-01T08:00:00.000Z")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void Identifiers_are_seen_in_the_whole_only(string text)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new { id = text });
        Assert.Equal([body], Cut(BodyKind.Json, body).Parts);
        Assert.True(Has(Cut(BodyKind.Json, JsonSerializer.SerializeToUtf8Bytes(new { id = text + text + text + text })).Parts, Encoding.ASCII.GetBytes(text + text + text + text)));
    }

    [Fact]
    public void Over_the_bounds_nothing_is_dropped_silently()
    {
        Assert.Equal(ContentParts.TooMany, Cut(BodyKind.Bytes, new byte[ContentParts.MaxPartBytes + 1]).Reason);
        Assert.Equal(ContentParts.TooMany, Cut(BodyKind.Json, JsonSerializer.SerializeToUtf8Bytes(Enumerable.Range(0, ContentParts.MaxParts).Select(i => $"{i:D10} not base64!"))).Reason);
        int deep = ContentParts.MaxJsonDepth + 1;
        Assert.Equal(ContentParts.BadJson, Cut(BodyKind.Json, Encoding.ASCII.GetBytes(new string('[', deep) + new string(']', deep))).Reason);
    }

    [Fact]
    public void Equal_parts_of_many_messages_are_scanned_once()
    {
        using var list = new PartList();
        for (int i = 0; i < 100; i++)
            Assert.Null(ContentParts.Cut(BodyKind.Json, Encoding.ASCII.GetBytes($"{{\"a name that all share!\":{i}}}"), null, list, []));
        Assert.Equal(101, list.Parts.Count);
    }
}
