using System.Text;
using System.Text.Json.Nodes;
using ShitOps.Silo.Elastic;
using ShitOps.TestKit.Elastic;

namespace ShitOps.Elastic.Tests.Sending;

public sealed class InstallerTests
{
    private const string Stream = "logs-shitops.pipeline-default";

    private static async Task PutAsync(ElasticHttp http, string name, int version)
    {
        JsonNode template = JsonNode.Parse(FieldTemplates.Json(name))!;
        template["version"] = version;
        ElasticAnswer answer = await http.SendAsync(HttpMethod.Put, $"_component_template/{name}",
            () => new StringContent(template.ToJsonString(), Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccess);
    }

    private static int Version(ElasticServer server, string name) => JsonNode.Parse(server.Template(name)!)!["version"]!.GetValue<int>();

    [Fact]
    public async Task What_is_missing_is_put_what_is_older_is_replaced_what_is_newer_stays()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        using var http = new ElasticHttp(new([server.Url]), TimeSpan.FromSeconds(5));
        await PutAsync(http, "shitops-ecs", 0);
        await PutAsync(http, "shitops-own", 99);
        Assert.Null(await new TemplateInstaller(http, Stream).EnsureAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, Version(server, "shitops-ecs"));
        Assert.Equal(99, Version(server, "shitops-own"));
        Assert.Equal(1, Version(server, FieldTemplates.IndexTemplate));
        Assert.NotNull(server.Template(FieldTemplates.Lifecycle));
    }

    [Fact]
    public async Task A_newer_template_begins_a_new_index()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        using var http = new ElasticHttp(new([server.Url]), TimeSpan.FromSeconds(5));
        var installer = new TemplateInstaller(http, Stream);
        var sender = new BulkSender(http, Stream, new(), TimeProvider.System);
        await installer.EnsureAsync(TestContext.Current.CancellationToken);
        await sender.SendAsync([new("a", """{"@timestamp":"2026-11-23T10:00:00Z"}"""u8.ToArray())], _ => Task.CompletedTask, TestContext.Current.CancellationToken);
        await PutAsync(http, "shitops-own", 0);
        await installer.EnsureAsync(TestContext.Current.CancellationToken);
        await installer.EnsureAsync(TestContext.Current.CancellationToken);
        await sender.SendAsync([new("b", """{"@timestamp":"2026-11-23T10:00:00Z"}"""u8.ToArray())], _ => Task.CompletedTask, TestContext.Current.CancellationToken);
        Assert.Equal([$".ds-{Stream}-000001", $".ds-{Stream}-000002"], server.Documents(Stream).Select(d => d.Index));
    }

    [Fact]
    public async Task Who_may_not_sign_in_is_told_so()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync(new() { ApiKey = "a2V5" });
        using var http = new ElasticHttp(new([server.Url]), TimeSpan.FromSeconds(5));
        Assert.Contains("401", await new TemplateInstaller(http, Stream).EnsureAsync(TestContext.Current.CancellationToken));
    }
}
