using System.Text.Json.Nodes;
using ShitOps.Kibana.Model;

namespace ShitOps.Kibana.Output;

/// <summary>One panel of <c>panelsJSON</c>, with the references that its dashboard must carry for it.</summary>
internal sealed record StoredPanel(JsonObject Json, JsonObject[] References);

internal static class Panels
{
    private const string LayerReference = $"indexpattern-datasource-layer-{Visualizations.Layer}";

    public static StoredPanel Of(Panel panel, int x, int y, int height)
    {
        JsonObject json = new()
        {
            ["type"] = panel is Documents ? "search" : "lens",
            ["panelIndex"] = panel.Id,
            ["title"] = panel.Title,
            ["gridData"] = Place(panel.Id, x, y, panel.Width, height),
        };
        var references = new List<JsonObject>();
        if (panel is Documents documents)
        {
            json["panelRefName"] = $"panel_{panel.Id}";
            json["embeddableConfig"] = new JsonObject { ["enhancements"] = new JsonObject() };
            references.Add(Json.Reference("search", documents.Search, $"{panel.Id}:panel_{panel.Id}"));
        }
        else
        {
            json["embeddableConfig"] = new JsonObject { ["attributes"] = Lens(panel), ["enhancements"] = Clicks(panel, references), ["hidePanelTitles"] = false };
            // Lens looks the name up here and not in its own list, and shows nothing where it is missing.
            references.Insert(0, Json.DataView($"{panel.Id}:{LayerReference}"));
        }
        return new(json, [.. references]);
    }

    /// <summary>The links between the dashboards that each begins with. They take time and filters along.</summary>
    public static StoredPanel Links(IReadOnlyList<Board> boards, Board current, int height)
    {
        const string id = "links";
        Board[] others = [.. boards.Where(b => b != current)];
        static string Name(Board board) => $"link_{board.Id}_dashboard";
        return new(
            new()
            {
                ["type"] = "links",
                ["panelIndex"] = id,
                ["title"] = "",
                ["gridData"] = Place(id, 0, 0, Dashboards.Width, height),
                ["embeddableConfig"] = new JsonObject
                {
                    ["attributes"] = new JsonObject
                    {
                        ["layout"] = "horizontal",
                        ["links"] = Json.Array(others.Select((board, i) => new JsonObject
                        {
                            ["type"] = "dashboardLink",
                            ["id"] = board.Id,
                            ["order"] = i,
                            ["label"] = board.Title,
                            ["destinationRefName"] = Name(board),
                            ["options"] = new JsonObject { ["openInNewTab"] = false, ["useCurrentDateRange"] = true, ["useCurrentFilters"] = true },
                        })),
                    },
                    ["enhancements"] = new JsonObject(),
                    ["hidePanelTitles"] = true,
                },
            },
            [.. others.Select(board => Json.Reference("dashboard", board.Id, $"{id}:{Name(board)}"))]);
    }

    private static JsonObject Place(string id, int x, int y, int width, int height) =>
        new() { ["x"] = x, ["y"] = y, ["w"] = width, ["h"] = height, ["i"] = id };

    private static JsonObject Lens(Panel panel)
    {
        (string type, JsonObject state) = Visualizations.Of(panel);
        return new()
        {
            ["title"] = "",
            ["description"] = "",
            ["visualizationType"] = type,
            ["type"] = "lens",
            ["references"] = new JsonArray(Json.DataView(LayerReference)),
            ["state"] = new JsonObject
            {
                ["adHocDataViews"] = new JsonObject(),
                ["internalReferences"] = new JsonArray(),
                ["filters"] = new JsonArray(),
                ["query"] = Json.Kuery(panel.Where?.Kql ?? ""),
                ["datasourceStates"] = new JsonObject
                {
                    ["formBased"] = new JsonObject { ["layers"] = new JsonObject { [Visualizations.Layer] = Columns.Layer(panel) } },
                    ["textBased"] = new JsonObject { ["layers"] = new JsonObject() },
                },
                ["visualization"] = state,
            },
        };
    }

    /// <summary>A drill-down from dashboard to dashboard; the free licence has it, that to a URL it has not.</summary>
    private static JsonObject Clicks(Panel panel, List<JsonObject> references)
    {
        if (panel.OpensBoard is null)
            return [];
        string id = $"{panel.Id}-opens";
        references.Add(Json.Reference("dashboard", panel.OpensBoard, $"{panel.Id}:drilldown:DASHBOARD_TO_DASHBOARD_DRILLDOWN:{id}:dashboardId"));
        return new()
        {
            ["dynamicActions"] = new JsonObject
            {
                ["events"] = new JsonArray(new JsonObject
                {
                    ["eventId"] = id,
                    ["triggers"] = new JsonArray("FILTER_TRIGGER"),
                    ["action"] = new JsonObject
                    {
                        ["factoryId"] = "DASHBOARD_TO_DASHBOARD_DRILLDOWN",
                        ["name"] = $"Open {Boards.All.Boards.Single(b => b.Id == panel.OpensBoard).Title}",
                        ["config"] = new JsonObject { ["useCurrentFilters"] = true, ["useCurrentDateRange"] = true, ["openInNewTab"] = false },
                    },
                }),
            },
        };
    }
}
