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
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _objects = new(StringComparer.Ordinal);

    public Mappings(IEnumerable<JsonElement> templates)
    {
        foreach (JsonElement template in templates)
        {
            if (template.TryGetProperty("template", out JsonElement inner)
                && inner.TryGetProperty("mappings", out JsonElement mappings)
                && mappings.TryGetProperty("properties", out JsonElement properties))
                Collect(properties, "");
        }
    }

    /// <summary>Null: the document fits.</summary>
    public MappingFault? Check(JsonElement document)
    {
        if (document.ValueKind != JsonValueKind.Object)
            return new("document_parsing_exception", "failed to parse");
        if (!document.TryGetProperty("@timestamp", out JsonElement at) || at.ValueKind == JsonValueKind.Null)
            return new("document_parsing_exception", "data stream timestamp field [@timestamp] is missing");
        return Object(document, "");
    }

    private void Collect(JsonElement properties, string prefix)
    {
        foreach (JsonProperty field in properties.EnumerateObject())
        {
            string name = prefix + field.Name;
            if (field.Value.TryGetProperty("properties", out JsonElement inner))
            {
                _objects.Add(name);
                Collect(inner, name + ".");
            }
            else
            {
                _fields[name] = field.Value.Clone();
            }
        }
    }

    private MappingFault? Object(JsonElement value, string prefix)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty field in value.EnumerateObject())
        {
            string name = prefix + field.Name;
            if (!seen.Add(name))
                return new("document_parsing_exception", $"Duplicate field '{name}'");
            if (Value(name, field.Value) is { } fault)
                return fault;
        }
        return null;
    }

    private MappingFault? Value(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.Array)
            return value.EnumerateArray().Select(each => Value(name, each)).FirstOrDefault(fault => fault is not null);
        if (_objects.Contains(name))
        {
            return value.ValueKind == JsonValueKind.Object
                ? Object(value, name + ".")
                : new("document_parsing_exception", $"object mapping for [{name}] tried to parse field [{name}] as object, but found a concrete value");
        }
        if (!_fields.TryGetValue(name, out JsonElement mapping))
            return new("strict_dynamic_mapping_exception", $"mapping set to strict, dynamic introduction of [{name}] is not allowed");
        string type = mapping.GetProperty("type").GetString()!;
        return Fits(type, mapping, value) ? null : new("document_parsing_exception", $"failed to parse field [{name}] of type [{type}]");
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
