using System.Text.Json;

namespace ShitOps.Fuzz.Api;

/// <summary>A call of the API as its OpenAPI document describes it.</summary>
/// <param name="Bodies">By media type, the schema of its body.</param>
internal sealed record Operation(
    string Method, string Path, IReadOnlyList<Parameter> Parameters, IReadOnlyList<(string MediaType, JsonElement Schema)> Bodies, IReadOnlySet<string> Statuses)
{
    public static IReadOnlyList<Operation> All(JsonElement document) =>
    [
        .. from path in document.GetProperty("paths").EnumerateObject()
           from call in path.Value.EnumerateObject()
           select new Operation(call.Name.ToUpperInvariant(), path.Name, [.. Parameter.Of(call.Value)], [.. BodiesOf(call.Value)],
               call.Value.GetProperty("responses").EnumerateObject().Select(r => r.Name).ToHashSet()),
    ];

    private static IEnumerable<(string, JsonElement)> BodiesOf(JsonElement call)
    {
        if (!call.TryGetProperty("requestBody", out JsonElement body) || !body.TryGetProperty("content", out JsonElement content))
            return [];
        return content.EnumerateObject().Select(one => (one.Name, one.Value.TryGetProperty("schema", out JsonElement schema) ? schema : default));
    }
}

/// <param name="In">path, query or header.</param>
internal sealed record Parameter(string Name, string In, JsonElement Schema)
{
    public static IEnumerable<Parameter> Of(JsonElement call) => !call.TryGetProperty("parameters", out JsonElement parameters) ? []
        : parameters.EnumerateArray().Select(p => new Parameter(
            p.GetProperty("name").GetString()!, p.GetProperty("in").GetString()!, p.TryGetProperty("schema", out JsonElement schema) ? schema : default));
}
