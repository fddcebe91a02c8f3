using System.Text.Json;
using System.Text.Json.Serialization;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Collation;

/// <summary>
/// What a node's row keeps besides its teams' replies: whether it is closed, and what its children passed, values sealed.
/// JSON, version 1. Fields are only ever added; a reader leaves alone what it does not know. Setters, since a generated
/// reader overwrites what init properties begin with.
/// </summary>
internal sealed record CollationRecord
{
    [JsonPropertyName("v")] public int Version { get; set; } = 1;
    [JsonPropertyName("closed")] public bool Closed { get; set; }
    [JsonPropertyName("taken")] public IReadOnlyList<TakenRecord> Taken { get; set; } = [];

    public static byte[] Write(CollationState state) => JsonSerializer.SerializeToUtf8Bytes(
        new CollationRecord { Closed = state.Closed, Taken = [.. state.Children.Where(c => c.Taken is not null).Select(c => TakenRecord.Of(c.Taken!.Partial))] },
        CollationRecords.Default.CollationRecord);

    /// <exception cref="InvalidDataException">Of a version that this program does not know.</exception>
    public static CollationRecord Read(byte[]? data)
    {
        CollationRecord? record = data is null ? new() : JsonSerializer.Deserialize(data, CollationRecords.Default.CollationRecord);
        return record is { Version: 1 } ? record : throw new InvalidDataException($"A collation of version {record?.Version}; this program knows version 1.");
    }

    /// <summary>The state as it stands in the database.</summary>
    /// <param name="teams">The node's own teams with the values of their replies.</param>
    /// <param name="values">The values of the partials in <see cref="Taken"/>, opened, in their order.</param>
    public CollationState ToState(CollationRow row, IReadOnlyList<OwnTeam> teams, IReadOnlyList<Reduced?> values)
    {
        Taken?[] taken = [.. row.Children.Select(child =>
        {
            int place = Enumerable.Range(0, Taken.Count).FirstOrDefault(i => Taken[i].Node == child, -1);
            return place < 0 ? null : new Taken(Taken[place].ToPartial(), values[place]);
        })];
        return new CollationState
        {
            Node = row.Node,
            Asked = row.Asked,
            Version = row.Version,
            Stage = row.Stage,
            Closed = Closed,
            Teams = teams,
            Children = [.. row.Children.Select((child, i) => (child, taken[i]))],
        };
    }
}

/// <summary>A <see cref="Partial"/> as stored.</summary>
internal sealed record TakenRecord
{
    [JsonPropertyName("node")] public int Node { get; set; }
    [JsonPropertyName("asked")] public int Asked { get; set; }
    [JsonPropertyName("answered")] public string[] Answered { get; set; } = [];
    /// <summary>Team and reason.</summary>
    [JsonPropertyName("missing")] public string[][] Missing { get; set; } = [];
    [JsonPropertyName("unmatched")] public string[] Unmatched { get; set; } = [];
    /// <summary>Sealed, in base64.</summary>
    [JsonPropertyName("value")] public byte[]? Value { get; set; }

    public static TakenRecord Of(Partial partial) => new()
    {
        Node = partial.Node,
        Asked = partial.Asked,
        Answered = partial.Answered,
        Missing = [.. partial.Missing.Select(m => new[] { m.Team, m.Reason })],
        Unmatched = partial.Unmatched,
        Value = partial.SealedValue,
    };

    public Partial ToPartial() => new()
    {
        Node = Node,
        Asked = Asked,
        Answered = Answered,
        Missing = [.. Missing.Select(m => new MissingTeam(m[0], m[1]))],
        Unmatched = Unmatched,
        SealedValue = Value,
    };
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(CollationRecord))]
internal sealed partial class CollationRecords : JsonSerializerContext;
