using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ShitOps.Silo.Elastic;

/// <summary>Puts templates and lifecycle in place. Older ones are replaced, and the stream begins a new index with them; newer ones stay.</summary>
internal sealed class TemplateInstaller(ElasticHttp http, string stream)
{
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");

    /// <returns>Null when all is in place; else why not, for people: a key that may only write documents is one reason.</returns>
    /// <exception cref="HttpRequestException">No server answered, or none could do it now.</exception>
    public async Task<string?> EnsureAsync(CancellationToken stop)
    {
        bool changed = false;
        (string Path, string File, Func<JsonElement, JsonElement> Find)[] all =
        [
            ($"_ilm/policy/{FieldTemplates.Lifecycle}", "lifecycle", answer => answer.GetProperty(FieldTemplates.Lifecycle).GetProperty("policy").GetProperty("_meta")),
            .. FieldTemplates.Components.Select(name => ($"_component_template/{name}", name,
                (Func<JsonElement, JsonElement>)(answer => answer.GetProperty("component_templates")[0].GetProperty("component_template")))),
            ($"_index_template/{FieldTemplates.IndexTemplate}", FieldTemplates.IndexTemplate, answer => answer.GetProperty("index_templates")[0].GetProperty("index_template")),
        ];
        foreach ((string path, string file, Func<JsonElement, JsonElement> find) in all)
        {
            byte[] ours = FieldTemplates.Json(file);
            ElasticAnswer known = await SendAsync(HttpMethod.Get, path, null, stop);
            if (known.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                return $"may not read {path}: HTTP {(int)known.Status}";
            if (known.IsSuccess && Version(find, known.Body) >= Own(ours))
                continue;
            ElasticAnswer put = await SendAsync(HttpMethod.Put, path, ours, stop);
            if (!put.IsSuccess)
                return $"could not put {path}: HTTP {(int)put.Status} {System.Text.Encoding.UTF8.GetString(put.Body.Span[..Math.Min(put.Body.Length, 300)])}";
            changed |= known.IsSuccess && file != "lifecycle";
        }
        // Without a stream there is nothing to roll over: 404.
        if (changed)
            await SendAsync(HttpMethod.Post, $"{Uri.EscapeDataString(stream)}/_rollover", null, stop);
        return null;
    }

    private async Task<ElasticAnswer> SendAsync(HttpMethod method, string path, byte[]? json, CancellationToken stop)
    {
        ElasticAnswer answer = await http.SendAsync(method, path, () => json is null ? null : new ByteArrayContent(json) { Headers = { ContentType = JsonType } }, stop);
        return (int)answer.Status is 429 or >= 500 ? throw new HttpRequestException($"{path}: HTTP {(int)answer.Status}") : answer;
    }

    private static int Own(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        return Number(root.TryGetProperty("policy", out JsonElement policy) ? policy.GetProperty("_meta") : root);
    }

    /// <summary>0 for one without a version, or not as we write them: then it is replaced.</summary>
    private static int Version(Func<JsonElement, JsonElement> find, ReadOnlyMemory<byte> answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return Number(find(document.RootElement));
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            return 0;
        }
    }

    private static int Number(JsonElement of) => of.TryGetProperty("version", out JsonElement version) && version.TryGetInt32(out int number) ? number : 0;
}
