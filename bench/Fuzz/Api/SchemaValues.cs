using System.Globalization;
using System.Text.Json;

namespace ShitOps.Fuzz.Api;

/// <summary>Makes JSON after a schema of the document, with something wrong in it now and then.</summary>
/// <param name="known">Names and ids that exist: what is taken from there leads further in.</param>
internal sealed class SchemaValues(JsonElement document, Random random, IReadOnlyList<string> known)
{
    private const int Deepest = 6;

    /// <param name="wrong">In so many of a hundred places a value is not what the schema asks for.</param>
    public string Json(JsonElement schema, int wrong, string name = "", int depth = 0)
    {
        if (random.Next(100) < wrong || depth > Deepest)
            return Junk.Json(random);
        schema = Resolve(schema);
        if (schema.ValueKind != JsonValueKind.Object)
            return Junk.Json(random, 3);
        if (schema.TryGetProperty("enum", out JsonElement values))
            return values.EnumerateArray().ElementAt(random.Next(values.GetArrayLength())).GetRawText();
        foreach (string choice in (string[])["oneOf", "anyOf", "allOf"])
        {
            if (schema.TryGetProperty(choice, out JsonElement some) && some.GetArrayLength() > 0)
                return Json(some[random.Next(some.GetArrayLength())], wrong, name, depth + 1);
        }
        return Type(schema) switch
        {
            "object" => Object(schema, wrong, depth),
            "array" => "[" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Json(Property(schema, "items"), wrong, name, depth + 1))) + "]",
            "string" => Junk.Quoted(Text(name, Format(schema))),
            "integer" or "number" => random.Next(3) == 0 ? Junk.Number(random) : random.Next(100).ToString(CultureInfo.InvariantCulture),
            "boolean" => random.Next(2) == 0 ? "true" : "false",
            "null" => "null",
            _ => Junk.Json(random, 3),
        };
    }

    /// <summary>A text for that place.</summary>
    public string Text(string name, string format)
    {
        if (random.Next(10) == 0)
            return Junk.Text(random);
        if (format == "date-time" || name.EndsWith("At", StringComparison.Ordinal) || name == "deadline")
            return TimeProvider.System.GetUtcNow().AddSeconds(random.Next(-100, 1000)).ToString("O", CultureInfo.InvariantCulture);
        if (name is "bodyBase64")
            return Convert.ToBase64String(BitConverter.GetBytes(random.NextInt64()));
        if (name is "kind")
            return ((string[])["list", "tally", "sum", "min", "max"])[random.Next(5)];
        if (name is "pointer")
            return "/ready";
        if (name is "priority")
            return ((string[])["urgent", "normal", "bulk"])[random.Next(3)];
        if (name is "key" or "subject" or "title" or "correlationId")
            return "t" + random.Next(20).ToString(CultureInfo.InvariantCulture);
        return known.Count > 0 ? known[random.Next(known.Count)] : Junk.Text(random);
    }

    private string Object(JsonElement schema, int wrong, int depth)
    {
        if (!schema.TryGetProperty("properties", out JsonElement properties))
            return Junk.Json(random, 2);
        HashSet<string> required = schema.TryGetProperty("required", out JsonElement names) ? [.. names.EnumerateArray().Select(n => n.GetString()!)] : [];
        var fields = new List<string>();
        foreach (JsonProperty property in properties.EnumerateObject())
        {
            bool left = required.Contains(property.Name) ? random.Next(100) < wrong : random.Next(2) == 0;
            if (!left)
                fields.Add($"{Junk.Quoted(property.Name)}:{Json(property.Value, wrong, property.Name, depth + 1)}");
        }
        if (random.Next(100) < wrong)
            fields.Add($"{Junk.Quoted(Junk.Text(random))}:{Junk.Json(random, 2)}");
        if (fields.Count > 0 && random.Next(100) < wrong)
            fields.Add(fields[random.Next(fields.Count)]);
        return "{" + string.Join(',', fields) + "}";
    }

    private JsonElement Resolve(JsonElement schema)
    {
        for (int hops = 0; hops < 10 && schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out JsonElement reference); hops++)
        {
            JsonElement at = document;
            foreach (string step in reference.GetString()!.Split('/').Skip(1))
                at = at.GetProperty(step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
            schema = at;
        }
        return schema;
    }

    private static JsonElement Property(JsonElement schema, string name) => schema.TryGetProperty(name, out JsonElement value) ? value : default;

    private static string Format(JsonElement schema) => schema.Text("format") ?? "";

    // "type" may be a list, as in ["null", "string"].
    private string Type(JsonElement schema)
    {
        JsonElement type = Property(schema, "type");
        return type.ValueKind switch
        {
            JsonValueKind.String => type.GetString()!,
            JsonValueKind.Array => type[random.Next(type.GetArrayLength())].GetString()!,
            _ => schema.TryGetProperty("properties", out _) ? "object" : "",
        };
    }
}
