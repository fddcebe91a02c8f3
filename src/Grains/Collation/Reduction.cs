using System.Text;
using System.Text.Json;

namespace ShitOps.Grains.Collation;

/// <summary>
/// Makes replies into one value, a few at a node: what the pointer finds in each reply, and two values into one. The
/// order of merging is the tree's, so the result does not depend on the order of arrival. Pure.
/// </summary>
internal sealed class Reduction
{
    /// <summary>A longer text is not tallied: a tally names answers, it does not carry them.</summary>
    public const int TallyTextLength = 256;

    private readonly CollateKind _kind;
    private readonly JsonPointer? _pointer;

    public Reduction(AskSpec spec)
    {
        _kind = spec.Collate;
        _pointer = JsonPointer.Parse(spec.JsonPointer ?? "");
    }

    /// <summary>A list is made of the replies themselves; nothing is looked for in them.</summary>
    public bool IsList => _kind == CollateKind.List;

    /// <param name="body">The plain reply.</param>
    /// <returns>Null: nothing that could be used, so the team is named as unmatched.</returns>
    public Reduced? Find(BodyKind kind, ReadOnlyMemory<byte> body)
    {
        if (IsList || kind != BodyKind.Json || _pointer is null)
            return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = Scanning.ContentParts.MaxJsonDepth });
            return _pointer.Find(document.RootElement) is not { } value ? null
                : _kind != CollateKind.Tally ? Number.Read(value)
                : Text(value) is { Length: <= TallyTextLength } text ? Tally.Of(text)
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            // Text that is no JSON, or an escape that names half a character.
            return null;
        }
    }

    /// <summary>Null stands for no value yet.</summary>
    public Reduced? Merge(Reduced? first, Reduced? second) => (first, second) switch
    {
        (null, _) => second,
        (_, null) => first,
        (Tally a, Tally b) => a.Add(b),
        (Number a, Number b) => _kind switch
        {
            CollateKind.Min => b.CompareTo(a) < 0 ? b : a,
            CollateKind.Max => b.CompareTo(a) > 0 ? b : a,
            _ => a.Add(b),
        },
        _ => throw new InvalidOperationException($"A {first.GetType().Name} and a {second.GetType().Name} are not values of one ask."),
    };

    /// <summary>Numbers in one spelling, so that 1 and 1.0 count together.</summary>
    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => "null",
        JsonValueKind.Number => Number.Read(value) is { } number ? Encoding.UTF8.GetString(number.ToJson()) : null,
        _ => null,
    };
}
