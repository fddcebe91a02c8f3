using System.Text.Json.Nodes;

namespace ShitOps.Kibana.Tests;

/// <summary>What the importer and the migrations want, beyond references and fields.</summary>
internal static class Structure
{
    private static readonly Dictionary<string, string> Versions = new() { ["index-pattern"] = "8.0.0", ["search"] = "10.1.0", ["dashboard"] = "10.2.0" };

    private static readonly string[] Keys = ["type", "id", "coreMigrationVersion", "typeMigrationVersion", "managed", "attributes", "references"];

    /// <summary>Others are refused by the schema of that version.</summary>
    private static readonly string[] DashboardAttributes =
    [
        "title", "description", "kibanaSavedObjectMeta", "timeRestore", "timeFrom", "timeTo", "refreshInterval", "controlGroupInput", "panelsJSON",
        "optionsJSON", "hits", "version",
    ];

    private static readonly string[][] Strings =
        [["panelsJSON"], ["optionsJSON"], ["kibanaSavedObjectMeta", "searchSourceJSON"], ["controlGroupInput", "panelsJSON"], ["controlGroupInput", "ignoreParentSettingsJSON"]];

    public static IEnumerable<string> Faults(IReadOnlyCollection<SavedObject> objects)
    {
        foreach (string twice in objects.GroupBy(o => o.Name).Where(g => g.Count() > 1).Select(g => g.Key))
            yield return $"{twice} is there twice";
        foreach (SavedObject it in objects)
        {
            if (!it.Json.Select(p => p.Key).ToHashSet().SetEquals(Keys))
                yield return $"{it.Name} has other keys than {string.Join(", ", Keys)}";
            if ((string?)it.Json["coreMigrationVersion"] != "8.8.0" || (string?)it.Json["typeMigrationVersion"] != Versions.GetValueOrDefault(it.Type))
                yield return $"{it.Name}: versions that migrations do not know";
            if (it.Type != "dashboard")
                continue;
            foreach (string other in it.Attributes.Select(a => a.Key).Except(DashboardAttributes))
                yield return $"{it.Name}: unknown attribute {other}";
            foreach (string[] path in Strings)
                it.Inner(path);
            foreach (string fault in it.Panels.SelectMany(Panel).Concat(Grid(it.Panels)))
                yield return $"{it.Name}: {fault}";
        }
    }

    private static IEnumerable<string> Grid(JsonObject[] panels)
    {
        (string Id, int X, int Y, int W, int H)[] places =
            [.. panels.Select(p => p["gridData"]!).Select(g => ((string)g["i"]!, (int)g["x"]!, (int)g["y"]!, (int)g["w"]!, (int)g["h"]!))];
        foreach (var p in places)
        {
            if (p.X < 0 || p.Y < 0 || p.W < 1 || p.H < 1 || p.X + p.W > 48)
                yield return $"{p.Id} lies outside of the grid";
            foreach (var q in places.Where(q => q != p && q.X < p.X + p.W && p.X < q.X + q.W && q.Y < p.Y + p.H && p.Y < q.Y + q.H))
                yield return $"{p.Id} and {q.Id} overlap";
        }
        if (places.Select(p => p.Id).Distinct().Count() != places.Length)
            yield return "two panels of one id";
    }

    private static IEnumerable<string> Panel(JsonObject panel)
    {
        string? id = (string?)panel["panelIndex"];
        if (panel["type"] is null)
            yield return $"{id} has no type";
        if (id is null || id != (string?)panel["gridData"]!["i"])
            yield return $"{id} is called otherwise in the grid";
        if ((string?)panel["type"] != "lens")
            yield break;
        JsonObject state = panel["embeddableConfig"]!["attributes"]!["state"]!.AsObject();
        foreach ((string layer, JsonNode? content) in state["datasourceStates"]!["formBased"]!["layers"]!.AsObject())
        {
            JsonObject columns = content!["columns"]!.AsObject();
            string[] order = [.. content["columnOrder"]!.AsArray().Select(c => (string)c!)];
            if (!order.ToHashSet().SetEquals(columns.Select(c => c.Key)) || order.Length != columns.Count)
                yield return $"{id}: columnOrder and columns differ";
            else if (!order.Select(c => (bool)columns[c]!["isBucketed"]!).SequenceEqual(order.Select(c => (bool)columns[c]!["isBucketed"]!).OrderDescending()))
                yield return $"{id}: numbers before buckets";
            string[] drawn = [.. Drawn(state["visualization"]!)];
            if (!drawn.ToHashSet().SetEquals(order))
                yield return $"{id}: draws {string.Join(", ", drawn)} of {string.Join(", ", order)}";
            if (!LayerIds(state["visualization"]!).All(l => l == layer))
                yield return $"{id}: draws a layer that it has not";
            foreach (JsonNode? by in columns.Select(c => c.Value!["params"]?["orderBy"]?["columnId"]).Where(by => by is not null))
            {
                if (!columns.ContainsKey((string)by!))
                    yield return $"{id}: ordered by {by}, which it has not";
            }
        }
    }

    /// <summary>The columns that a visualization names, whatever its kind.</summary>
    private static IEnumerable<string> Drawn(JsonNode node) => node switch
    {
        JsonObject o => o.SelectMany(p => p.Key switch
        {
            _ when p.Key.EndsWith("Accessor", StringComparison.Ordinal) || p.Key == "columnId" => [(string)p.Value!],
            "accessors" => p.Value!.AsArray().Select(a => (string)a!),
            _ => p.Value is null ? [] : Drawn(p.Value),
        }),
        JsonArray a => a.SelectMany(i => i is null ? [] : Drawn(i)),
        _ => [],
    };

    private static IEnumerable<string> LayerIds(JsonNode visualization) =>
        visualization["layers"] is JsonArray layers ? layers.Select(l => (string)l!["layerId"]!) : [(string)visualization["layerId"]!];
}
