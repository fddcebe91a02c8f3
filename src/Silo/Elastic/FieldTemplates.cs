using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;

namespace ShitOps.Silo.Elastic;

/// <summary>
/// The templates that this program installs, and the fields they define: a field's dotted name and its type as
/// Elasticsearch calls it (<c>keyword</c>, <c>long</c>, <c>date</c>…). The JSON files beside this one are the only place where fields are defined.
/// </summary>
public static class FieldTemplates
{
    /// <summary>The component templates, by name, in the order in which they are composed.</summary>
    public static readonly IReadOnlyList<string> Components = ["shitops-ecs", "shitops-own"];

    public const string IndexTemplate = "logs-shitops.pipeline";

    /// <summary>The name of the lifecycle policy; its file is <c>lifecycle.json</c>.</summary>
    public const string Lifecycle = "shitops";

    /// <summary>Every field of all component templates.</summary>
    public static FrozenDictionary<string, string> Types { get; } =
        Components.SelectMany(name => Read(Json(name))).ToFrozenDictionary(StringComparer.Ordinal);

    /// <param name="name">The file's name without its ending: a template's, or <c>lifecycle</c>.</param>
    public static byte[] Json(string name)
    {
        using Stream file = Assembly.GetExecutingAssembly().GetManifestResourceStream($"elastic/{name}.json")
            ?? throw new ArgumentException($"there is no template {name}", nameof(name));
        byte[] json = new byte[file.Length];
        file.ReadExactly(json);
        return json;
    }

    /// <summary>Lists field → type of one component template, as it is sent to <c>PUT _component_template/NAME</c>.</summary>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(ReadOnlyMemory<byte> componentTemplate)
    {
        using var document = JsonDocument.Parse(componentTemplate);
        var fields = new List<KeyValuePair<string, string>>();
        if (document.RootElement.TryGetProperty("template", out JsonElement template)
            && template.TryGetProperty("mappings", out JsonElement mappings)
            && mappings.TryGetProperty("properties", out JsonElement properties))
            Collect(properties, "", fields);
        return fields;
    }

    private static void Collect(JsonElement properties, string prefix, List<KeyValuePair<string, string>> fields)
    {
        foreach (JsonProperty field in properties.EnumerateObject())
        {
            string name = prefix + field.Name;
            if (field.Value.TryGetProperty("properties", out JsonElement inner))
                Collect(inner, name + ".", fields);
            else
                fields.Add(new(name, field.Value.GetProperty("type").GetString()!));
        }
    }
}
