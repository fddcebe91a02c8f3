using System.Text;
using System.Text.Json;

namespace ShitOps.TestKit.Elastic;

/// <summary>A request to <c>_bulk</c> as Elasticsearch reads it.</summary>
internal static class BulkRequest
{
    private const int LongestId = 512;

    /// <summary>A whole request that cannot be read.</summary>
    public sealed class RefusedException(string type, string reason) : Exception(reason)
    {
        public string Type { get; } = type;
    }

    public sealed record Action(string Operation, string Index, string Id, ReadOnlyMemory<byte> Source);

    public static List<Action> Read(ReadOnlyMemory<byte> body, string? target)
    {
        if (body.Length == 0)
            throw new RefusedException("parse_exception", "request body is required");
        if (body.Span[^1] != (byte)'\n')
            throw new RefusedException("illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]");
        var actions = new List<Action>();
        while (NextLine(ref body) is { } head)
        {
            (string operation, string? index, string? id) = Head(head, actions.Count);
            ReadOnlyMemory<byte> source = operation == "delete" ? default
                : NextLine(ref body) ?? throw new RefusedException("illegal_argument_exception", "The bulk request must have a source after each action");
            if (id is not null && Encoding.UTF8.GetByteCount(id) > LongestId)
                throw new RefusedException("action_request_validation_exception", $"id [{id}] is too long, must be no longer than 512 bytes");
            actions.Add(new(operation, index ?? target ?? throw new RefusedException("action_request_validation_exception", "index is missing"),
                id ?? Guid.NewGuid().ToString("N"), source));
        }
        return actions;
    }

    private static (string Operation, string? Index, string? Id) Head(ReadOnlyMemory<byte> line, int number)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            JsonProperty action = json.RootElement.EnumerateObject().Single();
            if (action.Name is not ("create" or "index" or "update" or "delete"))
                throw new RefusedException("illegal_argument_exception", $"Malformed action/metadata line [{number * 2 + 1}], found [{action.Name}]");
            return (action.Name, Member(action.Value, "_index"), Member(action.Value, "_id"));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new RefusedException("illegal_argument_exception", $"Malformed action/metadata line [{number * 2 + 1}]");
        }
    }

    private static string? Member(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static ReadOnlyMemory<byte>? NextLine(ref ReadOnlyMemory<byte> rest)
    {
        if (rest.IsEmpty)
            return null;
        int end = rest.Span.IndexOf((byte)'\n');
        ReadOnlyMemory<byte> line = rest[..end];
        rest = rest[(end + 1)..];
        return line;
    }
}
