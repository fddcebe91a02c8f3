using System.Globalization;
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

    public IReadOnlyList<StoredDocument> Documents(string stream) => _streams.TryGetValue(stream, out Stream? it) ? it.Documents : [];

    public bool Has(string stream) => _streams.ContainsKey(stream);

    public bool Remove(string stream) => _streams.Remove(stream);

    /// <summary>New documents go to a new index, with the mappings of the templates as they are now.</summary>
    public bool Rollover(string stream)
    {
        if (!_streams.TryGetValue(stream, out Stream? it) || MappingsOf(stream) is not { } mappings)
            return false;
        it.Rollover(mappings);
        return true;
    }

    /// <summary>Stores one document with <c>op_type=create</c>.</summary>
    /// <param name="source">Kept as it is.</param>
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
        return it.Add(id, source)
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
        private StoredDocument[] _documents = new StoredDocument[1024];
        private int _count, _generation = 1;

        /// <summary>As they are now, not copied: they are only ever added to.</summary>
        public IReadOnlyList<StoredDocument> Documents => new ArraySegment<StoredDocument>(_documents, 0, _count);
        public Mappings Mappings { get; private set; } = mappings;
        public string Index { get; private set; } = NameOf(name, 1);

        public bool Add(string id, ReadOnlyMemory<byte> source)
        {
            if (!_ids.Add(id))
                return false;
            if (_count == _documents.Length)
                Array.Resize(ref _documents, 2 * _count);
            _documents[_count++] = new(Index, id, source);
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
