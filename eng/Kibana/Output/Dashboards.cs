using System.Text.Json.Nodes;
using ShitOps.Kibana.Model;

namespace ShitOps.Kibana.Output;

internal static class Dashboards
{
    /// <summary>Columns of Kibana's grid.</summary>
    public const int Width = 48;

    private const int LinksHeight = 4;

    public static JsonObject Of(Board board, IReadOnlyList<Board> all)
    {
        List<StoredPanel> panels = [Panels.Links(all, board, LinksHeight)];
        int y = LinksHeight;
        foreach (Row row in board.Rows)
        {
            int x = 0;
            foreach (Panel panel in row.Panels)
            {
                panels.Add(Panels.Of(panel, x, y, row.Height));
                x += panel.Width;
            }
            if (x != Width)
                throw new InvalidOperationException($"{board.Id}: the row of {row.Panels[0].Id} is {x} wide, not {Width}");
            y += row.Height;
        }
        return new()
        {
            ["type"] = "dashboard",
            ["id"] = board.Id,
            ["coreMigrationVersion"] = "8.8.0",
            // Lower than a server knows is migrated, higher is refused, none runs migrations that fail on Lens.
            ["typeMigrationVersion"] = "10.2.0",
            ["managed"] = false,
            ["attributes"] = new JsonObject
            {
                ["title"] = board.Title,
                ["description"] = board.Description,
                ["version"] = 1,
                ["timeRestore"] = true,
                ["timeFrom"] = board.Since,
                ["timeTo"] = "now",
                ["refreshInterval"] = new JsonObject { ["pause"] = false, ["value"] = 30_000 },
                ["optionsJSON"] = Json.Line(new JsonObject
                {
                    ["useMargins"] = true,
                    ["syncColors"] = true,
                    ["syncCursor"] = true,
                    ["syncTooltips"] = false,
                    ["hidePanelTitles"] = false,
                }),
                ["panelsJSON"] = Json.Line(Json.Array(panels.Select(p => p.Json))),
                ["controlGroupInput"] = Controls(board),
                ["kibanaSavedObjectMeta"] = new JsonObject
                {
                    ["searchSourceJSON"] = Json.Line(new JsonObject { ["query"] = Json.Kuery(""), ["filter"] = new JsonArray() }),
                },
            },
            ["references"] = Json.Array(panels.SelectMany(p => p.References)
                .Concat(board.Controls.Select(c => Json.DataView($"controlGroup_{c.Id}:optionsListDataView")))),
        };
    }

    private static JsonObject Controls(Board board) => new()
    {
        ["controlStyle"] = "oneLine",
        ["chainingSystem"] = "HIERARCHICAL",
        ["showApplySelections"] = false,
        ["ignoreParentSettingsJSON"] = Json.Line(new JsonObject
        {
            ["ignoreFilters"] = false,
            ["ignoreQuery"] = false,
            ["ignoreTimerange"] = false,
            ["ignoreValidations"] = false,
        }),
        ["panelsJSON"] = Json.Line(new JsonObject(board.Controls.Select((control, i) => KeyValuePair.Create(control.Id, (JsonNode?)new JsonObject
        {
            ["type"] = "optionsListControl",
            ["order"] = i,
            ["grow"] = true,
            ["width"] = "medium",
            ["explicitInput"] = new JsonObject
            {
                ["id"] = control.Id,
                ["fieldName"] = control.Field.Name,
                ["title"] = control.Title,
                ["selectedOptions"] = new JsonArray(),
                ["enhancements"] = new JsonObject(),
            },
        })))),
    };
}
