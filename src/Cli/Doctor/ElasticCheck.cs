using System.Text.Json;

namespace ShitOps.Cli.Doctor;

/// <summary>Signs in to Elasticsearch as a silo does, and asks for its version and health.</summary>
internal static class ElasticCheck
{
    private const string Name = "elasticsearch";

    public static async Task<Finding> RunAsync(DoctorSettings settings, CancellationToken stop)
    {
        if (settings.Elastic is not { } url)
            return Finding.NotDone(Name, "not looked at: no address was given", $"give --elastic or {DoctorSettings.ElasticVariable}, if the journal is sent anywhere");
        using var http = new HttpClient { BaseAddress = url };
        if (settings.ElasticAuthorization is { } authorization)
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        try
        {
            (int status, JsonElement root) = await GetAsync(http, "/", stop);
            if (status is 401 or 403)
                return Finding.Bad(Name, $"{url} answers {status}", "see Elastic:ApiKey, or Elastic:Username and Elastic:Password");
            if (status != 200)
                return Finding.Bad(Name, $"{url} answers {status}", "see whether this is Elasticsearch's address");
            string version = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("version", out JsonElement told) && told.TryGetProperty("number", out JsonElement number)
                ? number.GetString()! : "of an unknown version";
            (status, JsonElement health) = await GetAsync(http, "/_cluster/health", stop);
            string state = status == 200 && health.TryGetProperty("status", out JsonElement color) ? color.GetString()! : "unknown";
            return state == "red"
                ? Finding.Bad(Name, $"{url} is {version}, its health is red", "see which shards are missing: GET _cluster/allocation/explain")
                : Finding.Good(Name, $"{url} is {version}, its health is {state}");
        }
        catch (HttpRequestException error)
        {
            return Finding.Bad(Name, $"{url}: {error.Message}", "see whether it runs, and whether this machine trusts its certificate; the journal waits in the database meanwhile");
        }
    }

    private static async Task<(int Status, JsonElement Json)> GetAsync(HttpClient http, string path, CancellationToken stop)
    {
        using HttpResponseMessage response = await http.GetAsync(path, stop);
        byte[] body = await response.Content.ReadAsByteArrayAsync(stop);
        try
        {
            return ((int)response.StatusCode, JsonElement.Parse(body));
        }
        catch (JsonException)
        {
            return ((int)response.StatusCode, default);
        }
    }
}
