using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
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
    /// <summary>Bytes of UTF-8, of which a character takes three at most here.</summary>
    private const int LongestKeyword = 32766, BytesPerCharacter = 3;

    private const int UsualName = 128;

    /// <summary>An object, if it has fields; else a value of a type.</summary>
    /// <param name="Place">Among the fields of its object.</param>
    private sealed record Field(string Name, int Place, Dictionary<string, Field>? Fields, string Type = "", bool IsCut = false, string? Only = null);

    private readonly Field _root = new("", 0, new(StringComparer.Ordinal));

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
        if (!document.TryGetProperty("@timestamp"u8, out JsonElement at) || at.ValueKind == JsonValueKind.Null)
            return new("document_parsing_exception", "data stream timestamp field [@timestamp] is missing");
        return Object(document, _root);
    }

    private static void Collect(JsonElement properties, Field into)
    {
        foreach (JsonProperty field in properties.EnumerateObject())
        {
            string name = into.Name.Length == 0 ? field.Name : $"{into.Name}.{field.Name}";
            bool again = into.Fields!.TryGetValue(field.Name, out Field? known);
            int place = again ? known!.Place : into.Fields.Count;
            if (!field.Value.TryGetProperty("properties", out JsonElement inner))
                into.Fields[field.Name] = Leaf(name, place, field.Value);
            else if (known?.Fields is not null)
                Collect(inner, known);
            else
                Collect(inner, into.Fields[field.Name] = new(name, place, new(StringComparer.Ordinal)));
        }
    }

    private static Field Leaf(string name, int place, JsonElement mapping) => new(name, place, null, mapping.GetProperty("type").GetString()!,
        mapping.TryGetProperty("ignore_above", out _), mapping.TryGetProperty("value", out JsonElement only) ? only.GetString() : null);

    private static MappingFault? Object(JsonElement value, Field of)
    {
        Span<bool> seen = stackalloc bool[of.Fields!.Count];
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (Find(of.Fields, property) is not { } field)
                return new("strict_dynamic_mapping_exception", $"mapping set to strict, dynamic introduction of [{of.Name}.{property.Name}] is not allowed");
            if (seen[field.Place])
                return new("document_parsing_exception", $"Duplicate field '{field.Name}'");
            seen[field.Place] = true;
            if (Value(field, property.Value) is { } fault)
                return fault;
        }
        return null;
    }

    /// <summary>Without a string for each name: this is asked for every field of every document.</summary>
    private static Field? Find(Dictionary<string, Field> fields, JsonProperty property)
    {
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8PropertyName(property);
        if (raw.Length > UsualName || raw.Contains((byte)'\\'))
            return fields.GetValueOrDefault(property.Name);
        Span<char> name = stackalloc char[UsualName];
        return fields.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[..Encoding.UTF8.GetChars(raw, name)], out Field? field) ? field : null;
    }

    private static MappingFault? Value(Field field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement each in value.EnumerateArray())
            {
                if (Value(field, each) is { } fault)
                    return fault;
            }
            return null;
        }
        if (field.Fields is not null)
        {
            return value.ValueKind == JsonValueKind.Object
                ? Object(value, field)
                : new("document_parsing_exception", $"object mapping for [{field.Name}] tried to parse field [{field.Name}] as object, but found a concrete value");
        }
        return Fits(field, value) ? null : new("document_parsing_exception", $"failed to parse field [{field.Name}] of type [{field.Type}]");
    }

    private static bool Fits(Field field, JsonElement value) => field.Type switch
    {
        "keyword" => value.ValueKind == JsonValueKind.String && (field.IsCut || IsShort(value)),
        "text" or "match_only_text" or "wildcard" => value.ValueKind == JsonValueKind.String,
        "constant_keyword" => value.ValueKind == JsonValueKind.String && (field.Only is null || value.ValueEquals(field.Only)),
        "date" => value.ValueKind == JsonValueKind.String ? IsDate(value) : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "long" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _),
        "short" => value.ValueKind == JsonValueKind.Number && value.TryGetInt16(out _),
        "byte" => value.ValueKind == JsonValueKind.Number && value.TryGetSByte(out _),
        "double" or "float" => value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "ip" => value.ValueKind == JsonValueKind.String && IPAddress.TryParse(value.GetString(), out _),
        _ => false,
    };

    /// <summary>As written it is no shorter than what it says.</summary>
    private static bool IsShort(JsonElement value) =>
        JsonMarshal.GetRawUtf8Value(value).Length * BytesPerCharacter <= LongestKeyword || value.GetString()!.Length * BytesPerCharacter <= LongestKeyword;

    /// <summary>The usual form is read where it stands; whatever else .NET reads as a date with a time is one too.</summary>
    private static bool IsDate(JsonElement value) =>
        (JsonMarshal.GetRawUtf8Value(value).Contains((byte)'T') && value.TryGetDateTimeOffset(out _))
        || (DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _) && value.GetString()!.Contains('T', StringComparison.Ordinal));
}
