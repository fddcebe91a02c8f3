using System.Text.Json.Nodes;
using ShitOps.Kibana.Model;

namespace ShitOps.Kibana.Output;

/// <summary>How a panel's columns are drawn.</summary>
internal static class Visualizations
{
    // Not layer_0: Lens has a special rescue for that id, which would hide a reference that does not match.
    public const string Layer = "layer1";

    public static (string Type, JsonObject State) Of(Panel panel) => panel switch
    {
        Number => ("lnsMetric", new() { ["layerId"] = Layer, ["layerType"] = "data", ["metricAccessor"] = Columns.Number(0) }),
        Chart chart => ("lnsXY", Xy(chart)),
        Table table => ("lnsDatatable", new()
        {
            ["layerId"] = Layer,
            ["layerType"] = "data",
            ["columns"] = Json.Array(Ids(table).Select(id => new JsonObject { ["columnId"] = id, ["isTransposed"] = false })),
            ["paging"] = new JsonObject { ["size"] = 10, ["enabled"] = true },
        }),
        Heat => ("lnsHeatmap", HeatMap()),
        _ => throw new ArgumentException($"{panel.Id} is not drawn by Lens", nameof(panel)),
    };

    private static IEnumerable<string> Ids(Panel panel) =>
        panel.Splits.Select((_, i) => Columns.Group(i)).Concat(panel.Measures.Select((_, i) => Columns.Number(i)));

    private static JsonObject Xy(Chart chart)
    {
        string series = chart.Shape switch
        {
            Shape.Line => "line",
            Shape.Area => "area_stacked",
            _ => "bar_stacked",
        };
        JsonObject layer = new()
        {
            ["layerId"] = Layer,
            ["layerType"] = "data",
            ["seriesType"] = series,
            ["xAccessor"] = Columns.Group(chart.Splits.Count - 1),
            ["accessors"] = Json.Strings(chart.Measures.Select((_, i) => Columns.Number(i))),
            ["position"] = "top",
            ["showGridlines"] = false,
        };
        if (chart.Series is not null)
            layer["splitAccessor"] = Columns.Group(0);
        return new()
        {
            ["legend"] = new JsonObject { ["isVisible"] = true, ["position"] = "right" },
            ["valueLabels"] = "hide",
            ["fittingFunction"] = "None",
            ["preferredSeriesType"] = series,
            ["axisTitlesVisibilitySettings"] = Axes(x: false),
            ["tickLabelsVisibilitySettings"] = Axes(x: true),
            ["gridlinesVisibilitySettings"] = Axes(x: true),
            ["labelsOrientation"] = new JsonObject { ["x"] = 0, ["yLeft"] = 0, ["yRight"] = 0 },
            ["layers"] = new JsonArray(layer),
        };
    }

    private static JsonObject Axes(bool x) => new() { ["x"] = x, ["yLeft"] = true, ["yRight"] = true };

    private static JsonObject HeatMap() => new()
    {
        ["shape"] = "heatmap",
        ["layerId"] = Layer,
        ["layerType"] = "data",
        ["xAccessor"] = Columns.Group(0),
        ["yAccessor"] = Columns.Group(1),
        ["valueAccessor"] = Columns.Number(0),
        ["legend"] = new JsonObject { ["isVisible"] = true, ["position"] = "right", ["type"] = "heatmap_legend" },
        ["gridConfig"] = new JsonObject
        {
            ["type"] = "heatmap_grid",
            ["isCellLabelVisible"] = false,
            ["isYAxisLabelVisible"] = true,
            ["isXAxisLabelVisible"] = true,
            ["isYAxisTitleVisible"] = false,
            ["isXAxisTitleVisible"] = false,
        },
    };
}
