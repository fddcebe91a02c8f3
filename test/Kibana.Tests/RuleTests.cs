using System.Text.Json;
using System.Text.Json.Nodes;
using ShitOps.Silo.Elastic;

namespace ShitOps.Kibana.Tests;

/// <summary>The committed rules, held against what Kibana's API takes for <c>.es-query</c>.</summary>
public sealed class RuleTests
{
    private static readonly FieldUse Use = new(FieldTemplates.Types);

    /// <summary>A version 4 or other proper UUID, in small letters: as strict as Kibana is.</summary>
    private const string Uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

    private static readonly (string Name, JsonObject Body)[] Rules =
        [.. Repository.RuleFiles.Select(f => (Path.GetFileNameWithoutExtension(f), JsonNode.Parse(File.ReadAllText(f))!.AsObject()))];

    [Fact]
    public void Names_and_ids_stay_what_they_are() => Assert.Equal(
        [
            "dead-letters.5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7a02", "failover.5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7a03",
            "guessing.5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7a07", "held.5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7a01",
            "journal-lag.5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7a04", "overdue.5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7a06", "silence.5d1c6a52-0a0f-4d0b-9a5e-6f1d3c0b7a05",
        ],
        Rules.Select(r => r.Name));

    [Fact]
    public void Every_id_is_a_uuid_of_its_own()
    {
        Assert.All(Rules, rule => Assert.Matches($"^[a-z-]+\\.{Uuid}$", rule.Name));
        Assert.Equal(Rules.Length, Rules.Select(r => r.Name.Split('.')[1]).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Every_rule_is_of_the_type_that_the_free_licence_has_and_says_all_it_must() => Assert.All(Rules, rule =>
    {
        Assert.Equal(["actions", "consumer", "enabled", "name", "params", "rule_type_id", "schedule", "tags"], rule.Body.Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.Equal(".es-query", (string)rule.Body["rule_type_id"]!);
        JsonObject parameters = rule.Body["params"]!.AsObject();
        Assert.Equal("esQuery", (string)parameters["searchType"]!);
        Assert.Equal("m", (string)parameters["timeWindowUnit"]!);
        Assert.InRange((int)parameters["timeWindowSize"]!, 1, 60);
        Assert.InRange((int)parameters["size"]!, 0, 10_000);
        Assert.Single(parameters["threshold"]!.AsArray());
        Assert.Contains((string)parameters["thresholdComparator"]!, new[] { ">", ">=", "<", "<=" });
        Assert.Equal((string)parameters["groupBy"]! == "top", parameters.ContainsKey("termField") && parameters.ContainsKey("termSize"));
        Assert.Equal((string)parameters["aggType"]! != "count", parameters.ContainsKey("aggField"));
    });

    [Fact]
    public void Every_field_exists_and_fits() => Assert.All(Rules, rule =>
    {
        JsonObject parameters = rule.Body["params"]!.AsObject();
        Assert.Null(Use.Fault((string)parameters["timeField"]!, "date_histogram"));
        if (parameters["termField"] is { } term)
            Assert.Null(Use.Fault((string)term!, "terms"));
        if (parameters["aggField"] is { } number)
            Assert.Null(Use.Fault((string)number!, "sum"));
        JsonObject query = JsonNode.Parse((string)parameters["esQuery"]!)!.AsObject();
        Assert.NotEmpty(Clauses(query["query"]!));
        Assert.All(Clauses(query["query"]!), clause => Assert.Null(Use.Fault(clause.Field, clause.Use)));
        Assert.All(Clauses(query["query"]!).Where(c => c.Field == "event.action").SelectMany(c => c.Values), type => Assert.True(KnownEvents.Contains(type), type));
    });

    [Fact]
    public void Every_index_is_one_that_the_template_is_for()
    {
        using JsonDocument template = JsonDocument.Parse(FieldTemplates.Json(FieldTemplates.IndexTemplate));
        string pattern = template.RootElement.GetProperty("index_patterns").EnumerateArray().Single().GetString()!;
        Assert.All(Rules, rule => Assert.Equal(pattern, (string)Assert.Single(rule.Body["params"]!["index"]!.AsArray())!));
        Assert.Equal(pattern, (string)SavedObject.Read(Repository.Ndjson).Single(o => o.Type == "index-pattern").Attributes["title"]!);
    }

    private static IEnumerable<(string Field, string Use, string[] Values)> Clauses(JsonNode query)
    {
        (string kind, JsonNode? body) = query.AsObject().Single();
        return kind switch
        {
            "bool" => (body!["filter"] ?? body["should"])!.AsArray().SelectMany(c => Clauses(c!)),
            "exists" => [((string)body!["field"]!, "exists", [])],
            "terms" => [(body!.AsObject().Single().Key, "terms", [.. body.AsObject().Single().Value!.AsArray().Select(v => (string)v!)])],
            _ => throw new JsonException($"unknown clause {kind}"),
        };
    }
}
