using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ShitOps.TestKit.Api;

/// <summary>A question to post. Only what is set is written; the body's JSON is written as it stands.</summary>
public sealed record Question(string To)
{
    public string? Subject { get; init; }
    /// <summary>JSON text.</summary>
    public string Body { get; init; } = "\"?\"";
    public required DateTimeOffset Deadline { get; init; }
    public int? Quorum { get; init; }
    /// <summary>list, tally, sum, min or max; null leaves it to the API.</summary>
    public string? Kind { get; init; }
    public string? JsonPointer { get; init; }
    public string? IdempotencyKey { get; init; }
    public string? Traceparent { get; init; }

    /// <summary>A question that stays open for that long.</summary>
    public static Question Open(string to, TimeSpan time) => new(to) { Deadline = TimeProvider.System.GetUtcNow() + time };

    /// <summary>A question that a test answers before its deadline.</summary>
    public static Question Of(string to, string? kind = null, string? jsonPointer = null) =>
        Open(to, TimeSpan.FromMinutes(5)) with { Kind = kind, JsonPointer = jsonPointer };

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("to", To);
            if (Subject is not null)
                json.WriteString("subject", Subject);
            json.WritePropertyName("body");
            json.WriteRawValue(Encoding.UTF8.GetBytes(Body));
            json.WriteString("deadline", Deadline.UtcDateTime.ToString("O"));
            if (Quorum is { } quorum)
                json.WriteNumber("quorum", quorum);
            if (Kind is not null)
            {
                json.WriteStartObject("collate");
                json.WriteString("kind", Kind);
                if (JsonPointer is not null)
                    json.WriteString("pointer", JsonPointer);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}

public sealed record CollateInfo(string Kind, [property: JsonPropertyName("pointer")] string? JsonPointer);

/// <summary>A team that is missing in a collation, and why.</summary>
public sealed record MissingTeam(string Team, string Reason);

/// <summary>An ask as its asker, an asked team or an operator sees it.</summary>
public sealed record AskInfo
{
    public required Guid Id { get; init; }
    public required string From { get; init; }
    public required string To { get; init; }
    public string? Subject { get; init; }
    public required string State { get; init; }
    public required DateTimeOffset Deadline { get; init; }
    public int? Quorum { get; init; }
    public DateTimeOffset AskedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public required int Asked { get; init; }
    public required int Answered { get; init; }
    public required JsonElement[] Missing { get; init; }
    public required AskNodeInfo[] Nodes { get; init; }
    /// <summary>Undefined or null for all but the asker, and while the ask is open.</summary>
    public JsonElement Result { get; init; }

    public IEnumerable<string> MissingNames => Missing.Select(team => team.Name());
    public bool HasResult => Result.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public override string ToString() => $"{State}: {Answered} of {Asked} answered, missing {string.Join(" ", MissingNames)}";
}

public sealed record AskNodeInfo(int Index, int Answered, JsonElement[] Missing);

/// <summary>The body of the message that ends an ask.</summary>
public sealed record Collation
{
    public required Guid Ask { get; init; }
    public required string State { get; init; }
    public required int Asked { get; init; }
    public required int Answered { get; init; }
    public required MissingTeam[] Missing { get; init; }
    public required string[] Unmatched { get; init; }
    public required CollateInfo Collate { get; init; }
    public required JsonElement Result { get; init; }

    /// <summary>The teams of a list, in its order.</summary>
    public IEnumerable<string> Teams => Result.EnumerateArray().Select(item => item.Text("team")!);
}
