using System.Text.Json.Nodes;

namespace ShitOps.Kibana.Tests;

/// <summary>Which references an object must carry, worked out from what it says, and where it carries others or points nowhere.</summary>
internal static class References
{
    public static IEnumerable<string> Faults(IReadOnlyCollection<SavedObject> objects)
    {
        HashSet<(string, string)> there = [.. objects.Select(o => (o.Type, o.Id))];
        foreach (SavedObject it in objects)
        {
            foreach ((string type, string id, string name) in it.References.Where(r => !there.Contains((r.Type, r.Id))))
                yield return $"{it.Name}: {name} points to {type}/{id}, which is not in the file";
            string[] carried = [.. it.References.Select(r => r.Name)];
            string[] needed = [.. Needed(it)];
            foreach (string name in needed.Except(carried))
                yield return $"{it.Name}: has no reference {name}";
            foreach (string name in carried.Except(needed))
                yield return $"{it.Name}: nothing uses the reference {name}";
            if (carried.Length != carried.Distinct().Count())
                yield return $"{it.Name}: two references of one name";
            // What Lens names itself must be the same object outside.
            foreach ((JsonObject panel, (string type, string id, string name)) in Lens(it))
            {
                if (!it.References.Contains((type, id, $"{panel["panelIndex"]}:{name}")))
                    yield return $"{it.Name}: {panel["panelIndex"]} and the dashboard do not mean the same by {name}";
            }
        }
    }

    private static IEnumerable<string> Needed(SavedObject it) => it.Type switch
    {
        "search" => [(string)it.Inner("kibanaSavedObjectMeta", "searchSourceJSON")["indexRefName"]!],
        "dashboard" => it.Panels.SelectMany(panel => OfPanel(panel).Select(name => $"{panel["panelIndex"]}:{name}"))
            .Concat(it.Inner("controlGroupInput", "panelsJSON").AsObject().Select(c => $"controlGroup_{c.Key}:optionsListDataView")),
        _ => [],
    };

    private static IEnumerable<string> OfPanel(JsonObject panel)
    {
        JsonObject config = panel["embeddableConfig"]!.AsObject();
        IEnumerable<string> content = (string)panel["type"]! switch
        {
            "lens" => Layers(config).Select(layer => $"indexpattern-datasource-layer-{layer}"),
            "links" => config["attributes"]!["links"]!.AsArray().Select(l => (string)l!["destinationRefName"]!),
            _ => [(string)panel["panelRefName"]!],
        };
        IEnumerable<string> clicks = (config["enhancements"]?["dynamicActions"]?["events"]?.AsArray() ?? [])
            .Select(e => $"drilldown:{e!["action"]!["factoryId"]}:{e["eventId"]}:dashboardId");
        return content.Concat(clicks);
    }

    private static IEnumerable<string> Layers(JsonObject config) =>
        config["attributes"]!["state"]!["datasourceStates"]!["formBased"]!["layers"]!.AsObject().Select(l => l.Key);

    private static IEnumerable<(JsonObject, (string, string, string))> Lens(SavedObject it) => it.Type != "dashboard" ? [] : it.Panels
        .Where(p => (string)p["type"]! == "lens")
        .SelectMany(p => p["embeddableConfig"]!["attributes"]!["references"]!.AsArray().Select(r => (p, SavedObject.Reference(r!))));
}
