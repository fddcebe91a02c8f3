using System.Text.Json;

namespace ShitOps.TestKit.Api;

public static class JsonReading
{
    /// <summary>A text property; null if absent, null or no text.</summary>
    public static string? Text(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;

    public static int Number(this JsonElement json, string name) => json.GetProperty(name).GetInt32();

    public static bool Has(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>The items of a list: the document itself, or the one array among its properties.</summary>
    public static JsonElement[] Items(this JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
            return [.. json.EnumerateArray()];
        foreach (JsonProperty property in json.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Array)
                return [.. property.Value.EnumerateArray()];
        }
        throw new JsonException($"no list in {json.GetRawText()}");
    }

    /// <summary>The name of a thing that is told as its name alone or as an object with a name.</summary>
    public static string Name(this JsonElement json) =>
        json.ValueKind == JsonValueKind.String ? json.GetString()! : json.Text("name") ?? json.Text("team") ?? throw new JsonException($"no name in {json.GetRawText()}");
}
