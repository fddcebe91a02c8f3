using System.Text.Json;
using System.Text.Json.Nodes;

namespace ShitOps.Kibana.Tests;

/// <summary>One line of an import file.</summary>
internal sealed record SavedObject(JsonObject Json)
{
    public string Type => (string)Json["type"]!;

    public string Id => (string)Json["id"]!;

    public string Name => $"{Type}/{Id}";

    public JsonObject Attributes => Json["attributes"]!.AsObject();

    public (string Type, string Id, string Name)[] References => [.. Json["references"]!.AsArray().Select(r => Reference(r!))];

    /// <summary>The panels of a dashboard, decoded.</summary>
    public JsonObject[] Panels => [.. Inner("panelsJSON").AsArray().Select(p => p!.AsObject())];

    /// <summary>An attribute that must be a string, and holds JSON.</summary>
    public JsonNode Inner(params string[] path)
    {
        JsonNode value = path.Aggregate((JsonNode)Attributes, (node, key) => node[key] ?? throw new InvalidDataException($"{Name} has no {string.Join('.', path)}"));
        return value.GetValueKind() == JsonValueKind.String
            ? JsonNode.Parse((string)value!)!
            : throw new InvalidDataException($"{Name}: {string.Join('.', path)} is not a string");
    }

    /// <exception cref="InvalidDataException">A line is not one JSON object, or the file does not end with a line's end.</exception>
    public static SavedObject[] Read(string ndjson)
    {
        if (ndjson.Contains('\r', StringComparison.Ordinal) || !ndjson.EndsWith('\n'))
            throw new InvalidDataException("lines must end with \\n, the last one too");
        return [.. ndjson[..^1].Split('\n').Select(line => new SavedObject(Parse(line)))];
    }

    public static (string Type, string Id, string Name) Reference(JsonNode reference) =>
        ((string)reference["type"]!, (string)reference["id"]!, (string)reference["name"]!);

    private static JsonObject Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject ?? throw new InvalidDataException("a line is no object");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"a line is no JSON: {e.Message}", e);
        }
    }
}
