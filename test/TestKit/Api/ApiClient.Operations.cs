using System.Text.Json;
using ShitOps.Client;

namespace ShitOps.TestKit.Api;

public sealed partial class ApiClient
{
    /// <summary>Creates a team; the client speaks as it.</summary>
    /// <returns>With its key: it was not there before.</returns>
    public async Task<(ApiClient Client, PutTeam Team)> CreateTeamAsync(string team, string function = "QA", int weight = 1)
    {
        PutTeam created = await Api.PutTeamAsync(team, function, weight);
        return created.Key is null ? throw new InvalidOperationException($"the team '{team}' is there already") : (As(created.Key, team), created);
    }

    public Task<ApiAnswer> PutTeamAsync(string team, object body) => CallAsync(HttpMethod.Put, $"/v1/teams/{team}", JsonContent(body));

    public Task<ApiAnswer> DeleteTeamAsync(string team, bool force = false) =>
        CallAsync(HttpMethod.Delete, $"/v1/teams/{team}{(force ? "?force=true" : "")}");

    public async Task<JsonElement> TreeAsync() => (await ExpectAsync("GET /v1/tree", GetAsync("/v1/tree"), 200)).Json;

    public async Task<JsonElement[]> NodesAsync() => (await ExpectAsync("GET /v1/nodes", GetAsync("/v1/nodes"), 200)).Json.Items();

    /// <summary>Every item of a cursor-paged list.</summary>
    public async Task<List<JsonElement>> AllAsync(string path, params (string Name, string? Value)[] query)
    {
        var all = new List<JsonElement>();
        string? after = null;
        do
        {
            ApiAnswer page = await ExpectAsync($"GET {path}", GetAsync(path + Query([.. query, ("after", after)])), 200);
            all.AddRange(page.Json.Items());
            string? next = page.Json.Text("next");
            if (next is null || next == after)
                return all;
            after = next;
        }
        while (true);
    }

    /// <summary>The journal, oldest first, read to its end.</summary>
    public async Task<JournalEvent[]> EventsAsync(string? type = null, string? team = null) => await Api.GetEventsAsync(type, team).ToArrayAsync();

    public async Task<QuarantineEntry[]> QuarantineAsync() => await Api.GetQuarantineAsync().ToArrayAsync();

    public Task<ApiAnswer> ReleaseAsync(Guid entry, string reason) => PostAsync($"/v1/quarantine/{entry}/release", new { reason });

    public Task<ApiAnswer> PurgeAsync(Guid entry, string reason) => PostAsync($"/v1/quarantine/{entry}/purge", new { reason });

    public async Task<JsonElement> DeadLettersAsync(string? team = null, string? reason = null) =>
        (await ExpectAsync("GET /v1/dead-letters", GetAsync("/v1/dead-letters" + Query(("team", team), ("reason", reason))), 200)).Json;

    public Task<ApiAnswer> ReplayAsync(params Guid[] ids) => PostAsync("/v1/dead-letters/replay", new { ids });

    public Task<ApiAnswer> DiscardAsync(params Guid[] ids) => PostAsync("/v1/dead-letters/discard", new { ids });

    /// <summary>Status and body of the readiness check; status 0 when nobody answers.</summary>
    public async Task<(int Status, string Text)> ReadyAsync()
    {
        try
        {
            ApiAnswer answer = await GetAsync("/health/ready");
            return (answer.Status, answer.Text);
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return (0, error.Message);
        }
    }
}
