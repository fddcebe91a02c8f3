using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ShitOps.Kibana.Output;

internal static class Json
{
    // Quotes within strings stay \" and not \u0022: the file is looked at in reviews.
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true, NewLine = "\n" };

    public static string Line(JsonNode node) => node.ToJsonString(Compact);

    public static string Pretty(JsonNode node) => node.ToJsonString(Indented) + "\n";

    public static JsonArray Array(IEnumerable<JsonNode> items) => [.. items];

    public static JsonArray Strings(IEnumerable<string> items) => [.. items.Select(i => (JsonNode)i)];

    public static JsonObject Kuery(string query) => new() { ["query"] = query, ["language"] = "kuery" };

    public static JsonObject Reference(string type, string id, string name) => new() { ["type"] = type, ["id"] = id, ["name"] = name };

    public static JsonObject DataView(string name) => Reference("index-pattern", Boards.Ids.DataView, name);
}
