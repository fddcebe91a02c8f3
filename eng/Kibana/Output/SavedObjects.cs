using System.Text.Json.Nodes;
using ShitOps.Kibana.Boards;
using ShitOps.Kibana.Model;

namespace ShitOps.Kibana.Output;

/// <summary>The lines of the import file: the data view, then what is shown by others, then the dashboards.</summary>
internal static class SavedObjects
{
    public const string Pattern = "logs-shitops.pipeline-*";

    public static string Ndjson() => string.Concat(Lines().Select(line => Json.Line(line) + "\n"));

    private static IEnumerable<JsonObject> Lines() =>
        [DataView(), .. All.Searches.Select(SearchObject), .. All.Boards.Select(b => Dashboards.Of(b, All.Boards))];

    private static JsonObject DataView() => new()
    {
        ["type"] = "index-pattern",
        ["id"] = Ids.DataView,
        ["coreMigrationVersion"] = "8.8.0",
        ["typeMigrationVersion"] = "8.0.0",
        ["managed"] = false,
        ["attributes"] = new JsonObject
        {
            ["title"] = Pattern,
            ["name"] = "ShitOps: events and metrics",
            ["timeFieldName"] = Fields.Timestamp.Name,
            // Importing before the first event is no mistake.
            ["allowNoIndex"] = true,
            ["sourceFilters"] = "[]",
            ["fields"] = "[]",
            ["runtimeFieldMap"] = "{}",
            ["fieldAttrs"] = "{}",
            ["fieldFormatMap"] = Json.Line(new JsonObject
            {
                [Fields.Duration.Name] = Format("duration", new()
                {
                    ["inputFormat"] = "nanoseconds",
                    ["outputFormat"] = "humanizePrecise",
                    ["outputPrecision"] = 1,
                    ["useShortSuffix"] = true,
                }),
                [Fields.BodySize.Name] = Format("bytes", []),
                // Numbers of nodes are names: without a thousands' separator.
                [Fields.Node.Name] = Format("number", new() { ["pattern"] = "0" }),
                [Fields.MetricNode.Name] = Format("number", new() { ["pattern"] = "0" }),
            }),
        },
        ["references"] = new JsonArray(),
    };

    private static JsonObject Format(string id, JsonObject parameters) => new() { ["id"] = id, ["params"] = parameters };

    private static JsonObject SearchObject(Search search)
    {
        const string reference = "kibanaSavedObjectMeta.searchSourceJSON.index";
        return new()
        {
            ["type"] = "search",
            ["id"] = search.Id,
            ["coreMigrationVersion"] = "8.8.0",
            // No attribute of later versions is used, and the oldest Kibana that is to take the file refuses what it does not know.
            ["typeMigrationVersion"] = "10.1.0",
            ["managed"] = false,
            ["attributes"] = new JsonObject
            {
                ["title"] = search.Title,
                ["description"] = search.Description,
                ["columns"] = Json.Strings(search.Columns.Select(c => c.Name)),
                ["sort"] = new JsonArray(new JsonArray(Fields.Timestamp.Name, search.OldestFirst ? "asc" : "desc")),
                ["grid"] = new JsonObject(),
                ["hideChart"] = true,
                ["isTextBasedQuery"] = false,
                ["timeRestore"] = false,
                ["kibanaSavedObjectMeta"] = new JsonObject
                {
                    ["searchSourceJSON"] = Json.Line(new JsonObject
                    {
                        ["query"] = Json.Kuery(search.Where.Kql),
                        ["filter"] = new JsonArray(),
                        ["indexRefName"] = reference,
                    }),
                },
            },
            ["references"] = new JsonArray(Json.DataView(reference)),
        };
    }
}
