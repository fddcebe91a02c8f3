using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ShitOps.Silo.Elastic;
using ShitOps.TestKit.Elastic;

namespace ShitOps.Elastic.Tests.Server;

/// <summary>The test kit's server must refuse what Elasticsearch refuses: what is built against it leans on that.</summary>
public sealed class ServerTests
{
    private const string Stream = "logs-shitops.pipeline-default";
    private const string Good = """{"@timestamp":"2026-11-23T10:00:00Z","event":{"id":"1"}}""";

    private static string Create(string id, string document = Good) => $$$"""{"create":{"_id":"{{{id}}}"}}""" + "\n" + document + "\n";

    private static async Task<HttpClient> ClientAsync(ElasticServer server, bool templates = true)
    {
        var client = new HttpClient { BaseAddress = server.Url };
        if (templates)
            await InstallAsync(client);
        return client;
    }

    private static async Task InstallAsync(HttpClient client)
    {
        foreach (string name in FieldTemplates.Components)
            (await client.PutAsync($"_component_template/{name}", Json(FieldTemplates.Json(name)))).EnsureSuccessStatusCode();
        (await client.PutAsync($"_ilm/policy/{FieldTemplates.Lifecycle}", Json(FieldTemplates.Json("lifecycle")))).EnsureSuccessStatusCode();
        (await client.PutAsync($"_index_template/{FieldTemplates.IndexTemplate}", Json(FieldTemplates.Json(FieldTemplates.IndexTemplate)))).EnsureSuccessStatusCode();
    }

    private static ByteArrayContent Json(byte[] json, string type = "application/json")
    {
        var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return content;
    }

    private static Task<HttpResponseMessage> BulkAsync(HttpClient client, string body, bool gzip = false)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        if (gzip)
        {
            var packed = new MemoryStream();
            using (var zip = new GZipStream(packed, CompressionLevel.Fastest))
                zip.Write(bytes);
            bytes = packed.ToArray();
        }
        ByteArrayContent content = Json(bytes, "application/x-ndjson");
        if (gzip)
            content.Headers.ContentEncoding.Add("gzip");
        return client.PostAsync($"{Stream}/_bulk", content);
    }

    private static async Task ExpectAsync(HttpResponseMessage answer, params int[] statuses)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        JsonElement items = (await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync())).RootElement.GetProperty("items");
        Assert.Equal(statuses, items.EnumerateArray().Select(item => item.EnumerateObject().Single().Value.GetProperty("status").GetInt32()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_stands_already_is_a_conflict_and_the_answer_is_in_the_order_of_the_request(bool gzip)
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        using HttpClient client = await ClientAsync(server);
        await ExpectAsync(await BulkAsync(client, Create("a") + Create("a") + Create("b"), gzip), 201, 409, 201);
        Assert.Equal(["a", "b"], server.Documents(Stream).Select(d => d.Id));
    }

    [Theory]
    [InlineData("""{"@timestamp":"2026-11-23T10:00:00Z","shitops":{"nodes":1}}""")]
    [InlineData("""{"@timestamp":"2026-11-23T10:00:00Z","shitops":{"node":"1"}}""")]
    [InlineData("""{"@timestamp":"2026-11-23T10:00:00Z","event":"x"}""")]
    [InlineData("""{"@timestamp":"yesterday"}""")]
    [InlineData("""{"event":{"id":"1"}}""")]
    [InlineData("""no json""")]
    [InlineData("""{"@timestamp":"2026-11-23"}""")]
    [InlineData("""{"@timestamp":"2026-11-23T25:00:00Z"}""")]
    [InlineData("""{"@timestamp":"2026-11-23T10:00:00Z","event":{"id":"1","id":"1"}}""")]
    [InlineData("""{"@timestamp":"2026-11-23T10:00:00Z","event":{"id":"1"},"\u0065vent":{}}""")]
    [InlineData("""{"@timestamp":"2026-11-23T10:00:00Z","event":{"category":["api",1]}}""")]
    [InlineData("""{"@timestamp":"2026-11-23T10:00:00Z","event":{"id":{"x":1}}}""")]
    [InlineData("""{"@timestamp":"2026-11-23T10:00:00Z","shitops":{"node":1.5}}""")]
    public async Task A_document_that_does_not_fit_is_refused_alone(string document)
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        using HttpClient client = await ClientAsync(server);
        await ExpectAsync(await BulkAsync(client, Create("a") + Create("b", document) + Create("c")), 201, 400, 201);
    }

    [Theory]
    [InlineData("""{"@timestamp":"2026-11-23T10:00:00.1234567+01:00"}""")]
    [InlineData("""{"@timestamp":"2026-11-23\u005410:00:00Z"}""")]
    [InlineData("""{"@timestamp":1795428000000}""")]
    [InlineData("""{"@timestamp":"2026-11-23T10:00:00Z","\u0065vent":{"id":"1"}}""")]
    [InlineData("""{"@timestamp":"2026-11-23T10:00:00Z","event":{"category":["api",null]},"shitops":null}""")]
    public async Task A_document_that_fits_is_taken_however_it_is_written(string document)
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        using HttpClient client = await ClientAsync(server);
        await ExpectAsync(await BulkAsync(client, Create("a", document)), 201);
        Assert.Equal(document, Encoding.UTF8.GetString(server.Documents(Stream).Single().Source.Span));
    }

    [Fact]
    public async Task A_request_that_cannot_be_read_is_refused_whole()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        using HttpClient client = await ClientAsync(server);
        Assert.Equal(HttpStatusCode.BadRequest, (await BulkAsync(client, (Create("a") + Create("b")).TrimEnd('\n'))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await BulkAsync(client, Create("a") + Create(new string('x', 513)))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await BulkAsync(client, "{\"make\":{}}\n{}\n")).StatusCode);
        Assert.Equal(HttpStatusCode.NotAcceptable, (await client.PostAsync($"{Stream}/_bulk", Json([], "text/plain"))).StatusCode);
        Assert.Empty(server.Documents(Stream));
    }

    [Fact]
    public async Task Only_create_is_taken_and_only_where_a_template_makes_a_data_stream()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        using HttpClient client = await ClientAsync(server, templates: false);
        await ExpectAsync(await BulkAsync(client, Create("a")), 404);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PutAsync("_index_template/x", Json(FieldTemplates.Json(FieldTemplates.IndexTemplate)))).StatusCode);
        await InstallAsync(client);
        await ExpectAsync(await BulkAsync(client, Create("a").Replace("create", "index", StringComparison.Ordinal)), 400);
    }

    [Fact]
    public async Task The_limit_is_that_of_the_unpacked_body_and_the_answer_is_empty()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync(new() { MaxContentLength = 40_000 });
        using HttpClient client = await ClientAsync(server);
        HttpResponseMessage answer = await BulkAsync(client, string.Concat(Enumerable.Range(0, 1000).Select(i => Create($"{i}"))), gzip: true);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Key_or_name_and_password_are_asked_for()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync(new() { ApiKey = "a2V5", User = ("writer", "päss") });
        using HttpClient client = await ClientAsync(server, templates: false);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("")).StatusCode);
        client.DefaultRequestHeaders.Authorization = new("ApiKey", "a2V5");
        HttpResponseMessage welcome = (await client.GetAsync("")).EnsureSuccessStatusCode();
        Assert.Equal("Elasticsearch", welcome.Headers.GetValues("X-Elastic-Product").Single());
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String("writer:päss"u8));
        (await client.GetAsync("")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task A_restart_forgets_nothing_and_a_rollover_forgets_ids()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        using HttpClient client = await ClientAsync(server);
        await BulkAsync(client, Create("a"));
        await server.StopAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => BulkAsync(client, Create("b")));
        await server.StartAsync();
        await ExpectAsync(await BulkAsync(client, Create("a") + Create("b")), 409, 201);
        (await client.PostAsync($"{Stream}/_rollover", null)).EnsureSuccessStatusCode();
        await ExpectAsync(await BulkAsync(client, Create("a")), 201);
        Assert.Equal(2, server.Documents(Stream).Select(d => d.Index).Distinct().Count());
    }

    [Fact]
    public async Task A_stream_that_was_deleted_is_gone_with_its_documents()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        using HttpClient client = await ClientAsync(server);
        await BulkAsync(client, Create("a"));
        (await client.DeleteAsync($"_data_stream/{Stream}")).EnsureSuccessStatusCode();
        Assert.Empty(server.Documents(Stream));
        Assert.Equal(HttpStatusCode.NotFound, (await client.DeleteAsync($"_data_stream/{Stream}")).StatusCode);
        await ExpectAsync(await BulkAsync(client, Create("a")), 201);
    }

    [Fact]
    public async Task An_answer_holds_only_what_the_filter_names()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        using HttpClient client = await ClientAsync(server);
        HttpResponseMessage answer = await client.PostAsync($"{Stream}/_bulk?filter_path=errors,items.*.status,items.*.error.type",
            Json(Encoding.UTF8.GetBytes(Create("a") + Create("a")), "application/x-ndjson"));
        Assert.Equal("""{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":409,"error":{"type":"version_conflict_engine_exception"}}}]}""",
            await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Faults_are_met_in_order()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        using HttpClient client = await ClientAsync(server);
        server.Next(new ElasticFault.Refuse(429, 1), new ElasticFault.Items(id => id == "b", 429, "es_rejected_execution_exception"), new ElasticFault.Truncate(), new ElasticFault.Drop());
        HttpResponseMessage refused = await BulkAsync(client, Create("a"));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        await ExpectAsync(await BulkAsync(client, Create("a") + Create("b")), 201, 429);
        await Assert.ThrowsAsync<HttpRequestException>(() => BulkAsync(client, Create("c")));
        await Assert.ThrowsAsync<HttpRequestException>(() => BulkAsync(client, Create("d")));
        Assert.True(server.IsThrough);
        Assert.Equal(["a", "c"], server.Documents(Stream).Select(d => d.Id));
    }
}
