using ShitOps.Silo.Elastic;

namespace ShitOps.Kibana.Tests;

/// <summary>The committed import file, read as Kibana would read it, without the generator.</summary>
public sealed class ImportTests
{
    private static string[] Faults(string ndjson)
    {
        try
        {
            SavedObject[] objects = SavedObject.Read(ndjson);
            return [.. References.Faults(objects), .. Structure.Faults(objects), .. new FieldUse(FieldTemplates.Types).Faults(objects)];
        }
        catch (InvalidDataException e)
        {
            return [e.Message];
        }
    }

    [Fact]
    public void References_resolve_fields_exist_and_fit_and_the_structure_is_one_that_imports() => Assert.Empty(Faults(Repository.Ndjson));

    [Fact]
    public void Ids_stay_what_they_are() => Assert.Equal(
        [
            "index-pattern/shitops-pipeline",
            "search/shitops-search-message", "search/shitops-search-dead-letters", "search/shitops-search-quarantine", "search/shitops-search-nodes",
            "search/shitops-search-overdue", "search/shitops-search-asks",
            "dashboard/shitops-flow", "dashboard/shitops-tree", "dashboard/shitops-security", "dashboard/shitops-tasks-and-asks", "dashboard/shitops-one-message",
        ],
        SavedObject.Read(Repository.Ndjson).Select(o => o.Name));

    [Fact]
    public void Every_search_is_on_a_dashboard_and_every_dashboard_leads_to_all_others()
    {
        SavedObject[] objects = SavedObject.Read(Repository.Ndjson);
        SavedObject[] boards = [.. objects.Where(o => o.Type == "dashboard")];
        Assert.All(objects.Where(o => o.Type == "search"), search => Assert.Contains(boards, b => b.References.Any(r => r.Id == search.Id)));
        Assert.All(boards, board => Assert.All(boards.Where(b => b != board), other => Assert.Contains(board.References, r => r.Id == other.Id)));
    }

    /// <summary>The checks above are worth what they find.</summary>
    [Theory]
    [InlineData("\"id\":\"shitops-tree\",\"core", "\"id\":\"shitops-tree2\",\"core", "points to dashboard/shitops-tree, which is not in the file")]
    [InlineData("\"name\":\"accepted:indexpattern-datasource-layer-layer1\"", "\"name\":\"accepted:indexpattern-datasource-layer-layer2\"", "has no reference accepted:indexpattern")]
    [InlineData("\"name\":\"controlGroup_from:optionsListDataView\"", "\"name\":\"controlGroup_of:optionsListDataView\"", "nothing uses the reference controlGroup_of")]
    [InlineData("\"typeMigrationVersion\":\"10.2.0\"", "\"typeMigrationVersion\":\"\"", "versions that migrations do not know")]
    [InlineData("\"timeRestore\":true", "\"timeRestores\":true", "unknown attribute timeRestores")]
    [InlineData("\"panelsJSON\":\"[", "\"panelsJSON\":[],\"hits\":\"[", "panelsJSON is not a string")]
    [InlineData("\"x\\\":8,", "\"x\\\":7,", "overlap")]
    [InlineData("\"x\\\":40,", "\"x\\\":41,", "lies outside of the grid")]
    [InlineData("\"panelIndex\\\":\\\"accepted\\\"", "\"panelIndex\\\":\\\"other\\\"", "is called otherwise in the grid")]
    [InlineData("\"sourceField\\\":\\\"event.duration\\\"", "\"sourceField\\\":\\\"event.length\\\"", "the templates have no field event.length")]
    [InlineData("\"sourceField\\\":\\\"event.duration\\\"", "\"sourceField\\\":\\\"event.reason\\\"", "event.reason is keyword, which cannot be used for percentile")]
    [InlineData("\"columns\":[\"event.action\"", "\"columns\":[\"event.act\"", "the templates have no field event.act")]
    [InlineData("event.action: \\\\\\\"message.held", "event.action: \\\\\\\"message.helt", "there is no event message.helt")]
    [InlineData("\"metricAccessor\\\":\\\"m0", "\"metricAccessor\\\":\\\"m1", "draws m1 of m0")]
    [InlineData("\"columnOrder\\\":[\\\"g0\\\",\\\"g1\\\",\\\"m0\\\"]", "\"columnOrder\\\":[\\\"m0\\\",\\\"g0\\\",\\\"g1\\\"]", "numbers before buckets")]
    [InlineData("\n{\"type\":\"search\"", " {\"type\":\"search\"", "is no JSON")]
    public void A_fault_is_found(string right, string wrong, string fault)
    {
        int at = Repository.Ndjson.IndexOf(right, StringComparison.Ordinal);
        Assert.True(at >= 0, "the file has no such place any more");
        string broken = string.Concat(Repository.Ndjson.AsSpan(0, at), wrong, Repository.Ndjson.AsSpan(at + right.Length));
        Assert.Contains(Faults(broken), f => f.Contains(fault, StringComparison.Ordinal));
    }
}
