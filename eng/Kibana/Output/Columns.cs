using System.Text.Json.Nodes;
using ShitOps.Kibana.Model;

namespace ShitOps.Kibana.Output;

/// <summary>The columns of a Lens layer: buckets <c>g0…</c> first, then numbers <c>m0…</c>.</summary>
internal static class Columns
{
    public static string Group(int i) => $"g{i}";

    public static string Number(int i) => $"m{i}";

    public static JsonObject Layer(Panel panel)
    {
        var columns = new JsonObject();
        for (int i = 0; i < panel.Splits.Count; i++)
            columns[Group(i)] = panel.Splits[i].IsTime ? Time(panel.Splits[i]) : Terms(panel.Splits[i], panel.Measures[0]);
        for (int i = 0; i < panel.Measures.Count; i++)
            columns[Number(i)] = Of(panel.Measures[i]);
        return new JsonObject
        {
            ["columnOrder"] = Json.Strings(columns.Select(c => c.Key)),
            ["columns"] = columns,
            ["incompleteColumns"] = new JsonObject(),
            ["sampling"] = 1,
            ["ignoreGlobalFilters"] = false,
        };
    }

    private static JsonObject Time(Split split) => new()
    {
        ["label"] = split.Label,
        ["customLabel"] = true,
        ["dataType"] = "date",
        ["operationType"] = "date_histogram",
        ["sourceField"] = split.Field.Name,
        ["isBucketed"] = true,
        ["scale"] = "interval",
        ["params"] = new JsonObject { ["interval"] = "auto", ["includeEmptyRows"] = true, ["dropPartials"] = false },
    };

    private static JsonObject Terms(Split split, Measure first)
    {
        // Elasticsearch cannot order buckets by a last value.
        bool ordered = split.Ordered || first.Operation == Operation.Last;
        return new()
        {
            ["label"] = split.Label,
            ["customLabel"] = true,
            ["dataType"] = split.Field.DataType,
            ["operationType"] = "terms",
            ["sourceField"] = split.Field.Name,
            ["isBucketed"] = true,
            ["scale"] = "ordinal",
            ["params"] = new JsonObject
            {
                ["size"] = split.Size,
                ["orderBy"] = ordered
                    ? new JsonObject { ["type"] = "alphabetical", ["fallback"] = false }
                    : new JsonObject { ["type"] = "column", ["columnId"] = Number(0) },
                ["orderDirection"] = ordered ? "asc" : "desc",
                ["otherBucket"] = split.Missing,
                ["missingBucket"] = split.Missing,
                ["parentFormat"] = new JsonObject { ["id"] = "terms" },
            },
        };
    }

    private static JsonObject Of(Measure measure)
    {
        JsonObject column = new()
        {
            ["label"] = measure.Label,
            ["customLabel"] = true,
            ["dataType"] = measure.Operation is Operation.Min or Operation.Max or Operation.Last ? measure.Field!.DataType : "number",
            ["operationType"] = measure.Operation switch
            {
                Operation.Count => "count",
                Operation.Distinct => "unique_count",
                Operation.Average => "average",
                Operation.Min => "min",
                Operation.Max => "max",
                Operation.Percentile => "percentile",
                _ => "last_value",
            },
            ["sourceField"] = measure.Field?.Name ?? "___records___",
            ["isBucketed"] = false,
            ["scale"] = measure.Operation == Operation.Last && measure.Field!.Kind == FieldKind.Word ? "ordinal" : "ratio",
            ["params"] = Parameters(measure),
        };
        if (measure.PerSecond)
            column["timeScale"] = "s";
        if ((measure.Only ?? (measure.Operation == Operation.Last ? Where.Has(measure.Field!) : null)) is { } only)
            column["filter"] = Json.Kuery(only.Kql);
        return column;
    }

    private static JsonObject Parameters(Measure measure) => measure.Operation switch
    {
        Operation.Last => new() { ["sortField"] = "@timestamp", ["showArrayValues"] = false },
        Operation.Percentile => new() { ["percentile"] = measure.Percent },
        Operation.Count or Operation.Distinct => new() { ["emptyAsNull"] = true },
        _ => [],
    };
}
