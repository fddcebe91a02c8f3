using System.Text.Json;

namespace ShitOps.Client.Tests.Description;

/// <summary>What counts as breaking, on a small document of its own.</summary>
public sealed class BreakingChangesTests
{
    private const string Document = """
        {"paths":{"/v1/things":{
          "get":{"parameters":[{"name":"max","in":"query","schema":{"type":"integer","maximum":10}}],
            "responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}}}},"404":{}}},
          "post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/NewThing"}}}},"responses":{"201":{}}}}},
        "components":{"schemas":{
          "Thing":{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"next":{"oneOf":[{"type":"null"},{"$ref":"#/components/schemas/Thing"}]}}},
          "NewThing":{"type":"object","required":["to"],"properties":{"to":{"type":"string"},"size":{"type":["integer","string"]},"kind":{"enum":["a","b"]}}}}}}
        """;

    private static IReadOnlyList<string> After(string old, string @new)
    {
        string changed = Document.Replace(old, @new, StringComparison.Ordinal);
        Assert.NotEqual(Document, changed);
        return BreakingChanges.Between(JsonElement.Parse(Document), JsonElement.Parse(changed));
    }

    [Fact]
    public void The_same_document_breaks_nothing() => Assert.Empty(BreakingChanges.Between(JsonElement.Parse(Document), JsonElement.Parse(Document)));

    [Theory]
    [InlineData("\"/v1/things\"", "\"/v1/other\"", "get /v1/things: removed")]
    [InlineData("\"post\":", "\"patch\":", "post /v1/things: removed")]
    [InlineData("\"name\":\"max\"", "\"name\":\"limit\"", "get /v1/things: parameter query max removed")]
    [InlineData("\"in\":\"query\"", "\"in\":\"query\",\"required\":true", "get /v1/things: parameter query max is required now")]
    [InlineData("\"maximum\":10", "\"maximum\":5", "get /v1/things parameter query max: maximum is 5 now")]
    [InlineData("\"get\":{", "\"get\":{\"security\":[{\"key\":[]}],", "get /v1/things: needs a key now")]
    [InlineData("\"requestBody\":{", "\"requestBody\":{\"required\":true,", "post /v1/things: a body is required now")]
    [InlineData("\"200\":", "\"206\":", "get /v1/things → 200: removed")]
    [InlineData("\"200\":{\"content\":{\"application/json\"", "\"200\":{\"content\":{\"text/json\"", "get /v1/things → 200: application/json removed")]
    [InlineData("\"id\":{\"type\":\"string\"},", "", "Thing (answered).id: removed")]
    [InlineData("\"id\":{\"type\":\"string\"}", "\"id\":{\"type\":[\"string\",\"null\"]}", "Thing (answered).id: was string, is string or null")]
    [InlineData("\"required\":[\"id\"],", "", "Thing (answered).id: may be absent now")]
    [InlineData("\"required\":[\"to\"]", "\"required\":[\"to\",\"size\"]", "NewThing (sent).size: is required now")]
    [InlineData("[\"integer\",\"string\"]", "\"integer\"", "NewThing (sent).size: was integer or string, is integer")]
    [InlineData("[\"a\",\"b\"]", "[\"a\"]", "NewThing (sent).kind: takes only a now")]
    [InlineData("\"to\":{\"type\":\"string\"},", "", "NewThing (sent).to: removed")]
    public void What_is_removed_or_narrowed_breaks(string old, string @new, string told) => Assert.Contains(told, After(old, @new));

    [Theory]
    [InlineData("\"404\":{}", "\"404\":{},\"409\":{}")]
    [InlineData("\"paths\":{", "\"paths\":{\"/v1/more\":{\"get\":{\"responses\":{}}},")]
    [InlineData("\"id\":{\"type\":\"string\"}", "\"id\":{\"type\":\"string\"},\"more\":{\"type\":\"string\"}")]
    [InlineData("\"parameters\":[", "\"parameters\":[{\"name\":\"x\",\"in\":\"query\"},")]
    [InlineData("\"size\":{\"type\":[\"integer\",\"string\"]}", "\"size\":{}")]
    [InlineData("\"maximum\":10", "\"description\":\"x\"")]
    [InlineData("[\"a\",\"b\"]", "[\"a\",\"b\",\"c\"]")]
    [InlineData("\"required\":[\"to\"],", "")]
    public void What_is_added_or_widened_does_not(string old, string @new) => Assert.Empty(After(old, @new));
}
