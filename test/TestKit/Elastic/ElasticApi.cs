using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ShitOps.TestKit.Elastic;

/// <summary>The routes: who may, what is asked, and the answers that are not of <c>_bulk</c>.</summary>
internal sealed class ElasticApi(ElasticOptions options, ElasticState state, Action countBulk, Func<ElasticFault?> nextFault, Action signal)
{
    private readonly ConcurrentBag<MemoryStream> _bodies = [];

    public async Task AnswerAsync(HttpContext http)
    {
        if (!IsAllowed(http.Request.Headers.Authorization))
        {
            http.Response.Headers.WWWAuthenticate = "ApiKey";
            await ErrorAsync(http, 401, "security_exception", "unable to authenticate");
            return;
        }
        http.Response.Headers["X-Elastic-Product"] = "Elasticsearch";
        string[] path = http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (path is [.., "_bulk"] && path.Length <= 2 && http.Request.Method is "POST" or "PUT")
        {
            countBulk();
            try
            {
                await BulkAsync(http, path.Length == 2 ? path[0] : null);
            }
            finally
            {
                signal();
            }
            return;
        }
        if (await BodyAsync(http) is not { } body)
            return;
        (int status, string json) = Small(http.Request.Method, path, body);
        await JsonAsync(http, status, json);
    }

    private bool IsAllowed(string? authorization)
    {
        if (options is { ApiKey: null, User: null })
            return true;
        string[] right =
        [
            .. options.ApiKey is { } key ? new[] { "ApiKey " + key } : [],
            .. options.User is var (name, password) ? new[] { "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")) } : [],
        ];
        return right.Any(r => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(r), Encoding.UTF8.GetBytes(authorization ?? "")));
    }

    private (int Status, string Json) Small(string method, string[] path, byte[] body)
    {
        lock (state.Gate)
        {
            return (method, path) switch
            {
                ("GET", []) => (200, """{"name":"test","cluster_name":"test","version":{"number":"9.1.0","build_flavor":"default"},"tagline":"You Know, for Search"}"""),
                ("PUT", ["_component_template", var name]) => Put(state.Components, name, body, _ => null),
                ("PUT", ["_index_template", var name]) => Put(state.IndexTemplates, name, body, MissingComponent),
                ("PUT", ["_ilm", "policy", var name]) => Put(state.Policies, name, body, _ => null),
                ("GET", ["_component_template", var name]) => Get(state.Components, name, it => $$"""{"component_templates":[{"name":"{{name}}","component_template":{{it}}}]}"""),
                ("GET", ["_index_template", var name]) => Get(state.IndexTemplates, name, it => $$"""{"index_templates":[{"name":"{{name}}","index_template":{{it}}}]}"""),
                ("GET", ["_ilm", "policy", var name]) => Get(state.Policies, name, it => $$"""{"{{name}}":{"version":1,"modified_date":"2026-01-01T00:00:00.000Z",{{it[1..]}}}"""),
                ("POST", [var stream, "_rollover"]) => state.Rollover(stream) ? (200, """{"acknowledged":true,"rolled_over":true}""") : NotFound(stream),
                ("DELETE", ["_data_stream", var stream]) => state.Remove(stream) ? (200, """{"acknowledged":true}""") : NotFound(stream),
                ("GET", [var stream, "_count"]) => state.Has(stream) ? (200, $$"""{"count":{{state.Documents(stream).Count}}}""") : NotFound(stream),
                ("GET", ["_data_stream", var stream]) => state.Has(stream) ? (200, $$"""{"data_streams":[{"name":"{{stream}}"}]}""") : NotFound(stream),
                _ => (400, Error(400, "illegal_argument_exception", $"no handler found for uri [/{string.Join('/', path)}] and method [{method}]")),
            };
        }
    }

    private static (int, string) NotFound(string name) => (404, Error(404, "index_not_found_exception", $"no such index [{name}]"));

    private static (int, string) Put(Dictionary<string, JsonElement> into, string name, byte[] body, Func<JsonElement, string?> fault)
    {
        JsonElement it;
        try
        {
            using var json = JsonDocument.Parse(body);
            it = json.RootElement.Clone();
        }
        catch (JsonException error)
        {
            return (400, Error(400, "x_content_parse_exception", error.Message));
        }
        if (fault(it) is { } wrong)
            return (400, Error(400, "invalid_index_template_exception", wrong));
        into[name] = it;
        return (200, """{"acknowledged":true}""");
    }

    private string? MissingComponent(JsonElement template)
    {
        string[] missing = [.. template.GetProperty("composed_of").EnumerateArray().Select(c => c.GetString()!).Where(name => !state.Components.ContainsKey(name))];
        return missing.Length == 0 ? null : $"index template specifies component templates [{string.Join(", ", missing)}] that do not exist";
    }

    private static (int, string) Get(Dictionary<string, JsonElement> from, string name, Func<string, string> answer) =>
        from.TryGetValue(name, out JsonElement it) ? (200, answer(it.GetRawText())) : (404, Error(404, "resource_not_found_exception", $"[{name}] not found"));

    private async Task BulkAsync(HttpContext http, string? target)
    {
        ElasticFault? fault = nextFault();
        if (fault is ElasticFault.Drop)
        {
            http.Abort();
            return;
        }
        if (fault is ElasticFault.Refuse refuse)
        {
            if (refuse.RetryAfterSeconds is { } seconds)
                http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            await ErrorAsync(http, refuse.Status, "es_rejected_execution_exception", "rejected execution");
            return;
        }
        string type = http.Request.ContentType?.Split(';')[0].Trim() ?? "";
        if (type is not ("application/x-ndjson" or "application/json"))
        {
            await ErrorAsync(http, 406, "media_type_header_exception", $"Content-Type header [{type}] is not supported");
            return;
        }
        if (await BodyAsync(http) is not { } body)
            return;
        byte[] answer;
        try
        {
            answer = new BulkAnswer(state, fault as ElasticFault.Items, http.Request.Query["filter_path"]).Store(BulkRequest.Read(body, target));
        }
        catch (BulkRequest.RefusedException error)
        {
            await ErrorAsync(http, 400, error.Type, error.Message);
            return;
        }
        if (fault is ElasticFault.Stall stall)
            await stall.Until.WaitAsync(http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (fault is ElasticFault.Truncate)
        {
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = answer.Length;
            await http.Response.Body.WriteAsync(answer.AsMemory(0, answer.Length / 2));
            await http.Response.Body.FlushAsync();
            http.Abort();
            return;
        }
        await JsonAsync(http, 200, answer);
    }

    /// <summary>Unpacked. Null: it was too long, and that was answered.</summary>
    private async Task<byte[]?> BodyAsync(HttpContext http)
    {
        Stream stream = http.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(http.Request.Body, CompressionMode.Decompress) : http.Request.Body;
        // Used again: only once it was read is it known how long it is.
        MemoryStream all = _bodies.TryTake(out MemoryStream? used) ? used : new();
        try
        {
            byte[] some = new byte[64 * 1024];
            int read;
            while ((read = await stream.ReadAsync(some)) > 0)
            {
                all.Write(some, 0, read);
                if (all.Length > options.MaxContentLength)
                {
                    // As the engine does: no body in the answer, and the connection is of no more use.
                    http.Response.StatusCode = 413;
                    http.Response.Headers.Connection = "close";
                    return null;
                }
            }
            return all.ToArray();
        }
        finally
        {
            all.SetLength(0);
            _bodies.Add(all);
        }
    }

    private static string Error(int status, string type, string reason) =>
        JsonSerializer.Serialize(new { error = new { type, reason }, status });

    private static Task ErrorAsync(HttpContext http, int status, string type, string reason) => JsonAsync(http, status, Error(status, type, reason));

    private static Task JsonAsync(HttpContext http, int status, string json) => JsonAsync(http, status, Encoding.UTF8.GetBytes(json));

    private static async Task JsonAsync(HttpContext http, int status, byte[] json)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(json);
    }
}
