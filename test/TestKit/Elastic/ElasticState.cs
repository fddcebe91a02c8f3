using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ShitOps.TestKit.Elastic;

/// <summary>What the server keeps on its disk: templates, policies and data streams. Survives a restart. Used under its lock.</summary>
internal sealed class ElasticState
{
    private readonly Dictionary<string, Stream> _streams = new(StringComparer.Ordinal);

    public Lock Gate { get; } = new();
    public Dictionary<string, JsonElement> Components { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, JsonElement> IndexTemplates { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, JsonElement> Policies { get; } = new(StringComparer.Ordinal);

    public IEnumerable<StoredDocument> Documents(string stream) => _streams.TryGetValue(stream, out Stream? it) ? it.Documents : [];

    public bool Has(string stream) => _streams.ContainsKey(stream);

    /// <summary>New documents go to a new index, with the mappings of the templates as they are now.</summary>
    public bool Rollover(string stream)
    {
        if (!_streams.TryGetValue(stream, out Stream? it) || MappingsOf(stream) is not { } mappings)
            return false;
        it.Rollover(mappings);
        return true;
    }

    /// <summary>Stores one document with <c>op_type=create</c>.</summary>
    /// <returns>Status, and what is wrong unless it is 201.</returns>
    public (int Status, string Index, MappingFault? Fault) Create(string stream, string id, ReadOnlyMemory<byte> source)
    {
        if (!_streams.TryGetValue(stream, out Stream? it))
        {
            if (MappingsOf(stream) is not { } mappings)
                return (404, stream, new("resource_not_found_exception", $"[require_data_stream] request flag is [true] and [{stream}] is not a data stream"));
            _streams[stream] = it = new Stream(stream, mappings);
        }
        try
        {
            using var document = JsonDocument.Parse(source);
            if (it.Mappings.Check(document.RootElement) is { } fault)
                return (400, it.Index, fault);
        }
        catch (JsonException)
        {
            return (400, it.Index, new("document_parsing_exception", "failed to parse"));
        }
        return it.Add(id, source.ToArray())
            ? (201, it.Index, null)
            : (409, it.Index, new("version_conflict_engine_exception", $"[{id}]: version conflict, document already exists (current version [1])"));
    }

    /// <summary>Null if no template for data streams fits the name.</summary>
    private Mappings? MappingsOf(string stream)
    {
        JsonElement? best = IndexTemplates.Values
            .Where(t => t.TryGetProperty("data_stream", out _) && t.GetProperty("index_patterns").EnumerateArray().Any(p => Fits(p.GetString()!, stream)))
            .OrderByDescending(t => t.TryGetProperty("priority", out JsonElement priority) ? priority.GetInt32() : 0)
            .Cast<JsonElement?>().FirstOrDefault();
        return best is { } template
            ? new Mappings([.. template.GetProperty("composed_of").EnumerateArray().Select(name => Components[name.GetString()!]), template])
            : null;
    }

    private static bool Fits(string pattern, string name) =>
        pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == name;

    private sealed class Stream(string name, Mappings mappings)
    {
        private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
        private int _generation = 1;

        public List<StoredDocument> Documents { get; } = [];
        public Mappings Mappings { get; private set; } = mappings;
        public string Index { get; private set; } = NameOf(name, 1);

        public bool Add(string id, byte[] source)
        {
            if (!_ids.Add(id))
                return false;
            Documents.Add(new(Index, id, source));
            return true;
        }

        public void Rollover(Mappings next)
        {
            Mappings = next;
            Index = NameOf(name, ++_generation);
            _ids.Clear();
        }

        private static string NameOf(string stream, int generation) => string.Create(CultureInfo.InvariantCulture, $".ds-{stream}-{generation:D6}");
    }
}

/// <summary>A request to <c>_bulk</c> as Elasticsearch reads it, and its answer.</summary>
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
