using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ShitOps.Kibana.Tests;

/// <summary>Every field that saved objects name, held against the mapping: it must exist, with a type that can do what it is used for.</summary>
/// <param name="types">Field → type of the templates.</param>
internal sealed partial class FieldUse(IReadOnlyDictionary<string, string> types)
{
    private static readonly string[] Numbers = ["long", "integer", "short", "byte", "double", "float", "half_float", "scaled_float", "unsigned_long"];

    private static readonly string[] Words = ["keyword", "constant_keyword", "wildcard"];

    public IEnumerable<string> Faults(IEnumerable<SavedObject> objects) => objects.SelectMany(it => Uses(it).OfType<string>().Select(fault => $"{it.Name}: {fault}"));

    public string? Fault(string field, string use) => !types.TryGetValue(field, out string? type)
        ? $"the templates have no field {field}"
        : Fits(type, use) ? null : $"{field} is {type}, which cannot be used for {use}";

    /// <summary>Null for every use that is right.</summary>
    private IEnumerable<string?> Uses(SavedObject it) => it.Type switch
    {
        "index-pattern" => it.Inner("fieldFormatMap").AsObject().Select(f => Fault(f.Key, "shown"))
            .Append(Fault((string)it.Attributes["timeFieldName"]!, "date_histogram")),
        "search" => it.Attributes["columns"]!.AsArray().Select(c => Fault((string)c!, "shown"))
            .Concat(it.Attributes["sort"]!.AsArray().Select(s => Fault((string)s![0]!, "date_histogram")))
            .Concat(Query(it.Inner("kibanaSavedObjectMeta", "searchSourceJSON")["query"]!)),
        _ => it.Panels.SelectMany(p => In(p))
            .Concat(it.Inner("controlGroupInput", "panelsJSON").AsObject().Select(c => Fault((string)c.Value!["explicitInput"]!["fieldName"]!, "terms"))),
    };

    private IEnumerable<string?> In(JsonNode? node) => node switch
    {
        JsonObject o when o["operationType"] is not null => Column(o),
        JsonObject o when (string?)o["language"] == "kuery" => Query(o),
        JsonObject o => o.SelectMany(p => In(p.Value)),
        JsonArray a => a.SelectMany(In),
        _ => [],
    };

    private IEnumerable<string?> Column(JsonObject column)
    {
        string operation = (string)column["operationType"]!, field = (string)column["sourceField"]!;
        if (operation == "count")
            yield return field == "___records___" ? null : $"counts {field} and not documents";
        else
            yield return Fault(field, operation) ?? DataType(field, operation, (string)column["dataType"]!);
        if (column["params"]?["sortField"] is { } sort)
            yield return Fault((string)sort!, "date_histogram");
        if (column["filter"] is { } filter)
        {
            foreach (string? fault in Query(filter))
                yield return fault;
        }
    }

    private string? DataType(string field, string operation, string said)
    {
        string wanted = operation is "unique_count" or "sum" or "average" or "percentile" || Numbers.Contains(types[field]) ? "number"
            : types[field] == "date" ? "date" : "string";
        return said == wanted ? null : $"{operation} of {field} gives a {wanted}, not a {said}";
    }

    private IEnumerable<string?> Query(JsonNode query)
    {
        string kql = (string)query["query"]!;
        Match[] terms = [.. Term().Matches(kql).Cast<Match>()];
        // What is left when all terms are taken out must be grammar alone.
        if (!Grammar().IsMatch(Term().Replace(kql, "")))
            yield return $"cannot be read: {kql}";
        foreach (Match term in terms)
            yield return Fault(term.Groups["field"].Value, term.Groups["value"].Value == "*" ? "exists" : "terms");
        foreach (string type in terms.Where(t => t.Groups["field"].Value == "event.action").SelectMany(t => Quoted().Matches(t.Value).Cast<Match>()).Select(m => m.Groups[1].Value))
            yield return KnownEvents.Contains(type) ? null : $"there is no event {type}";
    }

    private static bool Fits(string type, string use) => use switch
    {
        "date_histogram" => type == "date",
        "terms" or "unique_count" => Words.Contains(type) || Numbers.Contains(type),
        "sum" or "average" or "percentile" => Numbers.Contains(type),
        "min" or "max" => Numbers.Contains(type) || type == "date",
        "last_value" => Words.Contains(type) || Numbers.Contains(type) || type == "date",
        "shown" or "exists" => true,
        _ => throw new JsonException($"unknown operation {use}"),
    };

    /// <summary><c>field: "value"</c>, <c>field: ("a" or "b")</c>, <c>field: *</c>, <c>field: begin*</c>.</summary>
    [GeneratedRegex("""(?<field>[\w.@]+): (?<value>"[^"]*"|\(("[^"]*"( or )?)+\)|(\\:|[\w\\-])*\*)""")]
    private static partial Regex Term();

    [GeneratedRegex(@"^(\(|\)| and | or )*$")]
    private static partial Regex Grammar();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Quoted();
}
