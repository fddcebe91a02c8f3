using System.Text.Json;
using ShitOps.Silo.Elastic;

namespace ShitOps.Elastic.Tests.Documents;

public sealed class TemplateTests
{
    [Fact]
    public void No_field_is_defined_twice_and_own_fields_are_under_one_name()
    {
        string[] all = [.. FieldTemplates.Components.SelectMany(name => FieldTemplates.Read(FieldTemplates.Json(name))).Select(field => field.Key)];
        Assert.Equal(all.Length, all.Distinct(StringComparer.Ordinal).Count());
        Assert.All(FieldTemplates.Read(FieldTemplates.Json("shitops-own")), field => Assert.StartsWith("shitops.", field.Key));
        Assert.Equal("date", FieldTemplates.Types["@timestamp"]);
    }

    [Fact]
    public void The_index_template_is_composed_of_the_components_and_carries_the_lifecycle()
    {
        JsonElement template = JsonDocument.Parse(FieldTemplates.Json(FieldTemplates.IndexTemplate)).RootElement;
        Assert.Equal(FieldTemplates.Components, template.GetProperty("composed_of").EnumerateArray().Select(name => name.GetString()!));
        Assert.Equal(JsonValueKind.Object, template.GetProperty("data_stream").ValueKind);
        Assert.Equal(FieldTemplates.Lifecycle, template.GetProperty("template").GetProperty("settings").GetProperty("index").GetProperty("lifecycle").GetProperty("name").GetString());
    }
}
