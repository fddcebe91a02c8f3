using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using ShitOps.Client;

namespace ShitOps.Cli.Doctor;

/// <summary>What can be learned from the gateway itself.</summary>
internal sealed class GatewayChecks(ShitOpsClient client, TimeProvider time)
{
    /// <summary>Beyond that, leases and deadlines are told in times that mean something else here.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5);

    /// <summary>What this tool calls.</summary>
    private static readonly string[] Calls =
    [
        "post /v1/messages", "get /v1/messages/{id}/trace", "put /v1/attachments", "get /v1/inbox", "get /v1/inbox/stream", "post /v1/inbox/ack",
        "post /v1/asks", "get /v1/asks/{id}", "post /v1/asks/{id}/reply", "get /v1/asks/{id}/trace", "get /v1/tasks", "post /v1/tasks", "get /v1/tasks/{id}/trace",
        "post /v1/tasks/{id}/start", "post /v1/tasks/{id}/complete", "post /v1/tasks/{id}/fail", "post /v1/tasks/{id}/cancel", "post /v1/tasks/{id}/reassign",
        "get /v1/tree", "get /v1/quarantine", "post /v1/quarantine/{id}/release", "post /v1/quarantine/{id}/purge", "get /v1/dead-letters",
        "post /v1/dead-letters/replay", "post /v1/dead-letters/discard",
    ];

    private Uri Address => client.Options.Address;

    public async Task<Finding> LiveAsync(CancellationToken stop)
    {
        try
        {
            await client.CheckLiveAsync(stop);
            return Finding.Good("gateway", $"{Address} answers");
        }
        catch (Exception error) when (error is HttpRequestException or TimeoutException or IOException)
        {
            return Finding.Bad("gateway", $"{Address}: {error.Message}", $"start a gateway, or say where it is with --url or {Connection.UrlVariable}");
        }
        catch (ShitOpsException other)
        {
            return Finding.Bad("gateway", $"{Address} answers {other.Status}", "something else listens there, or a proxy has no gateway behind it");
        }
    }

    public async Task<Finding> ReadyAsync(CancellationToken stop)
    {
        Readiness ready = await client.GetReadinessAsync(stop);
        string reasons = string.Join("; ", ready.Reasons);
        return ready.Status switch
        {
            "ready" => Finding.Good("ready", "messages are accepted: a silo and its database answer"),
            "degraded" => Finding.Odd("ready", $"messages are accepted, but {reasons}", "nothing is lost meanwhile, what cannot be scanned is held: see to what is named"),
            _ => Finding.Bad("ready", reasons, "start a silo of the same Cluster:Id and database; look at its console for why it does not join"),
        };
    }

    public async Task<Finding> KeyAsync(CancellationToken stop)
    {
        if (client.Options.Key is null)
            return Finding.NotDone("key", "none was given", $"set {Connection.KeyVariable} or {Connection.KeyFileVariable}, or give --key-file");
        try
        {
            if (await MayAsync(client.GetTreeAsync(stop)))
                return Finding.Good("key", "an operator's");
            if (await MayAsync(FirstAsync(client.GetTasksAsync(stop: stop), stop)))
                return Finding.Good("key", "a team's");
            return Finding.Good("key", "a security key");
        }
        catch (ShitOpsException refused) when (refused.Status == 401)
        {
            return Finding.Bad("key", "unknown or revoked", "an operator makes a new one: POST /v1/teams/NAME/keys");
        }
    }

    public async Task<Finding> VersionsAsync(CancellationToken stop)
    {
        using HttpResponseMessage response = await GetAsync("openapi/v1.json", stop);
        response.EnsureSuccessStatusCode();
        using JsonDocument document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(stop), cancellationToken: stop);
        string? version = document.RootElement.GetProperty("info").GetProperty("version").GetString();
        JsonElement paths = document.RootElement.GetProperty("paths");
        string[] missing = [.. Calls.Where(call => call.Split(' ') is not [var method, var path] || !paths.TryGetProperty(path, out JsonElement known) || !known.TryGetProperty(method, out _))];
        string mine = $"this is shitops {ShitOpsClient.Version} on .NET {Environment.Version}";
        return version != "1" ? Finding.Bad("versions", $"the gateway speaks version {version} of the API, {mine} knows version 1", "install the tool of the gateway's version")
            : missing.Length > 0 ? Finding.Odd("versions", $"the gateway does not know: {string.Join(", ", missing)}; {mine}", "upgrade the gateway")
            : Finding.Good("versions", $"the gateway speaks version 1 of the API and knows all {Calls.Length} calls this tool makes; {mine}");
    }

    /// <summary>By the Date of an answer (RFC 9110, section 6.6.1), which has whole seconds.</summary>
    public async Task<Finding> ClockAsync(CancellationToken stop)
    {
        long start = time.GetTimestamp();
        using HttpResponseMessage response = await GetAsync("health/live", stop);
        TimeSpan took = time.GetElapsedTime(start);
        if (response.Headers.Date is not { } theirs)
            return Finding.NotDone("clock", "the answer has no Date");
        // The second they mean lies between its beginning and its end, and they said it between question and answer.
        TimeSpan ahead = theirs + TimeSpan.FromSeconds(0.5) - (time.GetUtcNow() - (took / 2));
        string seconds = ahead.TotalSeconds.ToString("+0.0;-0.0", CultureInfo.InvariantCulture);
        return ahead.Duration() <= ClockTolerance
            ? Finding.Good("clock", $"the gateway's and this machine's agree ({seconds} s)")
            : Finding.Bad("clock", $"the gateway's clock is {seconds} s from this machine's", "have both kept by NTP; see which one is wrong");
    }

    public async Task<Finding> EicarAsync(CancellationToken stop)
    {
        try
        {
            await client.AttachAsync(Eicar.File, stop: stop);
            return Finding.Bad("eicar", "the EICAR test file went through", "the silos' scanner does not scan: see Antivirus:Endpoints, and clamd's signatures");
        }
        catch (ShitOpsException found) when (found.Code == "infected")
        {
            return Finding.Good("eicar", $"found on the way in, and put into quarantine: {found.Detail}");
        }
        catch (ShitOpsException away) when (away.Code == "scanner_unavailable")
        {
            return Finding.Bad("eicar", "the silos do not reach their scanner", "see whether clamd runs, and Antivirus:Endpoints");
        }
        catch (ShitOpsException refused) when (refused.Status is 401 or 403)
        {
            return Finding.NotDone("eicar", "only a team may upload", "give a team's key");
        }
    }

    private async Task<HttpResponseMessage> GetAsync(string path, CancellationToken stop)
    {
        using var http = new HttpClient { DefaultRequestHeaders = { UserAgent = { new ProductInfoHeaderValue("shitops", ShitOpsClient.Version) } } };
        string root = Address.GetLeftPart(UriPartial.Path);
        return await http.GetAsync(new Uri(new Uri(root.EndsWith('/') ? root : root + "/"), path), stop);
    }

    private static async Task<bool> MayAsync(Task call)
    {
        try
        {
            await call;
            return true;
        }
        catch (ShitOpsException refused) when (refused.Status == 403)
        {
            return false;
        }
    }

    private static async Task FirstAsync(IAsyncEnumerable<TaskInfo> tasks, CancellationToken stop) => await tasks.FirstOrDefaultAsync(stop);
}
