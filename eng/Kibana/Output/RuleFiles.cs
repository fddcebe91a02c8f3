using System.Text.Json.Nodes;
using ShitOps.Kibana.Boards;
using ShitOps.Kibana.Model;

namespace ShitOps.Kibana.Output;

/// <summary>The bodies of <c>POST /api/alerting/rule/ID</c>, in files called <c>NAME.ID.json</c>.</summary>
internal static class RuleFiles
{
    public static IEnumerable<(string File, string Content)> All() =>
        Rules.All.Select(rule => ($"{rule.Name}.{rule.Id}.json", Json.Pretty(Body(rule))));

    /// <summary>What the rules tell, for people: a rule's own body has no room for it.</summary>
    public static string Readme() => string.Concat(
        [
            "# Alert rules\n\nMade by `eng/Kibana`; [../README.md](../README.md) says how they are imported.\n\n",
            "| rule | looks | tells |\n|---|---|---|\n",
            .. Rules.All.Select(r => $"| `{r.Name}` | every minute, at the last {(r.Minutes == 1 ? "minute" : $"{r.Minutes} minutes")}{(r.Each is null ? "" : $", for each `{r.Each.Name}`")} | {r.Meaning} |\n"),
        ]);

    private static JsonObject Body(Rule rule)
    {
        JsonObject parameters = new()
        {
            ["searchType"] = "esQuery",
            ["index"] = new JsonArray(SavedObjects.Pattern),
            ["timeField"] = Fields.Timestamp.Name,
            // A string, holding JSON.
            ["esQuery"] = Json.Line(new JsonObject { ["query"] = new JsonObject { ["bool"] = new JsonObject { ["filter"] = new JsonArray(rule.Where.Dsl) } } }),
            ["size"] = rule.Each is null && rule.Of is null ? 10 : 0,
            ["timeWindowSize"] = rule.Minutes,
            ["timeWindowUnit"] = "m",
            ["thresholdComparator"] = rule.Comparator,
            ["threshold"] = new JsonArray(rule.Threshold),
            ["aggType"] = rule.Aggregation,
            ["groupBy"] = rule.Each is null ? "all" : "top",
            // With it, a window that overlaps the last one would show less than there is, and an alert would end too soon.
            ["excludeHitsFromPreviousRun"] = false,
        };
        if (rule.Of is not null)
            parameters["aggField"] = rule.Of.Name;
        if (rule.Each is not null)
        {
            parameters["termField"] = rule.Each.Name;
            parameters["termSize"] = 100;
        }
        return new()
        {
            ["name"] = rule.Title,
            ["tags"] = new JsonArray("shitops"),
            ["consumer"] = "stackAlerts",
            ["rule_type_id"] = ".es-query",
            ["enabled"] = true,
            ["schedule"] = new JsonObject { ["interval"] = "1m" },
            ["params"] = parameters,
            ["actions"] = new JsonArray(),
        };
    }
}
