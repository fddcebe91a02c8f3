using System.Globalization;
using System.Net;
using System.Text.Json;

namespace ShitOps.TestKit.Elastic;

/// <summary>Why a document cannot be indexed, in Elasticsearch's words for kinds of errors.</summary>
public sealed record MappingFault(string Type, string Reason);

/// <summary>
/// Fields and their types, as component templates define them. Stricter than a real engine with <c>dynamic: false</c>: a
/// field that is not mapped is a fault, and nothing is coerced (a number in quotes is no number).
/// </summary>
public sealed class Mappings
{
    /// <summary>An object, if it has fields; else a value of a type.</summary>
    private sealed record Field(string Name, Dictionary<string, Field>? Fields, string Type = "", JsonElement Mapping = default);

    private readonly Field _root = new("", new(StringComparer.Ordinal));

    public Mappings(IEnumerable<JsonElement> templates)
    {
        foreach (JsonElement template in templates)
        {
            if (template.TryGetProperty("template", out JsonElement inner)
                && inner.TryGetProperty("mappings", out JsonElement mappings)
                && mappings.TryGetProperty("properties", out JsonElement properties))
                Collect(properties, _root);
        }
    }

    /// <summary>Null: the document fits.</summary>
    public MappingFault? Check(JsonElement document)
    {
        if (document.ValueKind != JsonValueKind.Object)
            return new("document_parsing_exception", "failed to parse");
        if (!document.TryGetProperty("@timestamp", out JsonElement at) || at.ValueKind == JsonValueKind.Null)
            return new("document_parsing_exception", "data stream timestamp field [@timestamp] is missing");
        return Object(document, _root);
    }

    private static void Collect(JsonElement properties, Field into)
    {
        foreach (JsonProperty field in properties.EnumerateObject())
        {
            string name = into.Name.Length == 0 ? field.Name : $"{into.Name}.{field.Name}";
            if (!field.Value.TryGetProperty("properties", out JsonElement inner))
                into.Fields![field.Name] = new(name, null, field.Value.GetProperty("type").GetString()!, field.Value.Clone());
            else if (into.Fields!.TryGetValue(field.Name, out Field? known) && known.Fields is not null)
                Collect(inner, known);
            else
                Collect(inner, into.Fields[field.Name] = new(name, new(StringComparer.Ordinal)));
        }
    }

    private static MappingFault? Object(JsonElement value, Field of)
    {
        var seen = new HashSet<Field>(ReferenceEqualityComparer.Instance);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (!of.Fields!.TryGetValue(property.Name, out Field? field))
                return new("strict_dynamic_mapping_exception", $"mapping set to strict, dynamic introduction of [{of.Name}.{property.Name}] is not allowed");
            if (!seen.Add(field))
                return new("document_parsing_exception", $"Duplicate field '{field.Name}'");
            if (Value(field, property.Value) is { } fault)
                return fault;
        }
        return null;
    }

    private static MappingFault? Value(Field field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.Array)
            return value.EnumerateArray().Select(each => Value(field, each)).FirstOrDefault(fault => fault is not null);
        if (field.Fields is not null)
        {
            return value.ValueKind == JsonValueKind.Object
                ? Object(value, field)
                : new("document_parsing_exception", $"object mapping for [{field.Name}] tried to parse field [{field.Name}] as object, but found a concrete value");
        }
        return Fits(field.Type, field.Mapping, value) ? null : new("document_parsing_exception", $"failed to parse field [{field.Name}] of type [{field.Type}]");
    }

    private static bool Fits(string type, JsonElement mapping, JsonElement value) => type switch
    {
        "keyword" => value.ValueKind == JsonValueKind.String && (mapping.TryGetProperty("ignore_above", out _) || value.GetString()!.Length * 3 <= 32766),
        "text" or "match_only_text" or "wildcard" => value.ValueKind == JsonValueKind.String,
        "constant_keyword" => value.ValueKind == JsonValueKind.String && (!mapping.TryGetProperty("value", out JsonElement only) || only.GetString() == value.GetString()),
        "date" => value.ValueKind == JsonValueKind.String
            ? DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _) && value.GetString()!.Contains('T', StringComparison.Ordinal)
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "long" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _),
        "short" => value.ValueKind == JsonValueKind.Number && value.TryGetInt16(out _),
        "byte" => value.ValueKind == JsonValueKind.Number && value.TryGetSByte(out _),
        "double" or "float" => value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "ip" => value.ValueKind == JsonValueKind.String && IPAddress.TryParse(value.GetString(), out _),
        _ => false,
    };
}
