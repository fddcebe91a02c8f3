using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MySqlConnector;
using ShitOps.Board.Tests.Fixtures;
using ShitOps.Client;

namespace ShitOps.Bench;

/// <summary>
/// How long every list of the API and every view of the board takes when there is much: 10,000 teams and 1,000,000
/// messages. Each list is asked for a page of a hundred, and then for the page after it; views are looked at in a browser.
/// </summary>
internal static class ViewsScenario
{
    public const int ManyTeams = 10_000, ManyMessages = 1_000_000;
    private const int Rounds = 10;
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    /// <summary>The longest that any of them took.</summary>
    public const string Slowest = "slowest";

    public static async Task MeasureAsync(BenchOptions options, Figures figures, CancellationToken stop)
    {
        (int teams, int messages) = (options.Teams, options.Messages);
        await using Site site = await Site.StartAsync(options with { Standalone = false });
        ShitOpsCluster cluster = site.Cluster!;
        long start = Stopwatch.GetTimestamp();
        var seed = new ViewsSeed(cluster.Database.ConnectionString, teams, messages);
        // What silos have in memory must not stand against what is written beneath them.
        await Task.WhenAll(cluster.Silos.Select(silo => silo.StopAsync()));
        await seed.FillAsync(stop);
        Guid ask = await OneAsync(cluster, "SELECT id FROM ask ORDER BY id DESC LIMIT 1", stop);
        Guid workflow = await OneAsync(cluster, "SELECT id FROM workflow ORDER BY id LIMIT 1", stop);
        Guid message = await OneAsync(cluster, "SELECT id FROM message ORDER BY id LIMIT 1", stop);
        await ShitOpsCluster.StartProgramsAsync(cluster.Silos, TimeSpan.FromMinutes(5));
        await UntilPingedAsync(site, teams / 2, stop);
        Guid toAll = await ToAllAsync(site, stop);
        figures.Add("seeded", Stopwatch.GetElapsedTime(start).TotalSeconds, "s");
        figures.Add("teams", teams, "teams");
        figures.Add("messages", messages, "messages");
        foreach ((string name, string path) in Lists(toAll, ask, workflow, message))
        {
            stop.ThrowIfCancellationRequested();
            await MeasureAsync(site.Operator, name, path, figures);
        }
        if (messages >= ManyMessages)
            await BoardLook.MeasureAsync(cluster, BoardView.All(toAll, ViewsSeed.Busy, workflow, ask), figures, stop);
        figures.Add(Slowest, figures.All.Where(f => f.Name.EndsWith(".longest", StringComparison.Ordinal)).Max(f => f.Value), "ms");
        site.AddMemory(figures);
    }

    /// <summary>Every list with each of its filters, for a team with much and for one with little.</summary>
    private static List<(string Name, string Path)> Lists(Guid toAll, Guid ask, Guid workflow, Guid message)
    {
        var lists = new List<(string, string)> { ("messages", "/v1/messages?limit=100") };
        foreach (string state in (string[])["queued", "held", "delivered", "acknowledged", "quarantined", "dead", "expired", "cancelled"])
            lists.Add(($"messages.{state}", $"/v1/messages?limit=100&state={state}"));
        foreach ((string who, string team) in new[] { ("busy", ViewsSeed.Busy), ("usual", ViewsSeed.Usual) })
        {
            foreach (string direction in (string[])["sent", "received"])
            {
                lists.Add(($"messages.{direction}.{who}", $"/v1/messages?limit=100&team={team}&direction={direction}"));
                foreach (string state in (string[])["delivered", "dead", "quarantined"])
                    lists.Add(($"messages.{direction}.{who}.{state}", $"/v1/messages?limit=100&team={team}&direction={direction}&state={state}"));
            }
            lists.Add(($"asks.{who}", $"/v1/asks?limit=100&team={team}"));
            lists.Add(($"tasks.{who}", $"/v1/tasks?limit=100&team={team}"));
            lists.Add(($"open.{who}", $"/v1/teams/{team}/open?limit=100"));
            lists.Add(($"dead-letters.{who}", $"/v1/dead-letters?limit=25&team={team}"));
        }
        string since = TimeProvider.System.GetUtcNow().AddDays(-10).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        lists.AddRange(
        [
            ("messages.until", $"/v1/messages?limit=100&until={since}"), ("messages.since", $"/v1/messages?limit=100&since={since}"),
            ("asks", "/v1/asks?limit=100"), ("asks.open", "/v1/asks?limit=100&state=open"), ("asks.partial", "/v1/asks?limit=100&state=partial"),
            ("ask.of-all", $"/v1/asks/{ask}"),
            ("tasks", "/v1/tasks?limit=100"), ("tasks.ready", "/v1/tasks?limit=100&state=ready"), ("tasks.done", "/v1/tasks?limit=100&state=done"), ("tasks.overdue", "/v1/tasks?limit=100&overdue=true"),
            ("workflow.large", $"/v1/workflows/{workflow}"),
            ("dead-letters", "/v1/dead-letters?limit=25"), ("dead-letters.reason", "/v1/dead-letters?limit=25&reason=attempts"),
            ("quarantine", "/v1/quarantine?limit=1000"), ("quarantine.waiting", "/v1/quarantine?limit=1000&state=waiting"), ("quarantine.purged", "/v1/quarantine?limit=1000&state=purged"),
            ("tree", "/v1/tree"), ("nodes", "/v1/nodes?limit=1000"), ("teams", "/v1/teams?limit=1000"),
            ("message", $"/v1/messages/{message}"), ("message.to-all", $"/v1/messages/{toAll}"), ("trace.to-all", $"/v1/messages/{toAll}/trace"),
            ("events", "/v1/events?limit=100"), ("events.type", "/v1/events?limit=100&type=quarantine.*"),
        ]);
        return lists;
    }

    private static async Task MeasureAsync(ApiClient by, string name, string path, Figures figures)
    {
        var times = new List<double>();
        string? after = null;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            ApiAnswer answer = await by.GetAsync(after is null ? path : $"{path}&after={Uri.EscapeDataString(after)}");
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (answer.Status != 200)
                throw new InvalidOperationException($"{path}: {answer.Status} {answer.Text}");
            // The first page and the next in turn: both are what somebody looks at.
            after = after is null && answer.Json.TryGetProperty("next", out JsonElement next) && next.ValueKind == JsonValueKind.String ? next.GetString() : null;
        }
        figures.Add($"{name}.median", Figures.Median(times), "ms");
        figures.Add($"{name}.longest", times.Max(), "ms");
    }

    private static async Task<Guid> OneAsync(ShitOpsCluster cluster, string sql, CancellationToken stop)
    {
        await using var connection = new MySqlConnection(cluster.Database.ConnectionString);
        await connection.OpenAsync(stop);
        await using var command = new MySqlCommand(sql, connection);
        return new((byte[])(await command.ExecuteScalarAsync(stop))!, bigEndian: true);
    }

    /// <summary>One message to every team, by the way that messages go; it has a delivery and an event or two for each.</summary>
    private static async Task<Guid> ToAllAsync(Site site, CancellationToken stop)
    {
        ApiClient crier = await CrierAsync(site, stop);
        Accepted sent = await crier.SendAsync(NewMessage.Text("all", "hear, hear") with { Subject = "to everybody" });
        await crier.UntilStateAsync(sent.Id, "delivered", TimeSpan.FromMinutes(5));
        return sent.Id;
    }

    /// <summary>While thousands of hubs have just come up the database may be busy with them.</summary>
    private static async Task<ApiClient> CrierAsync(Site site, CancellationToken stop)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                // Whom a lost answer was about may exist, and its key is not told again.
                return (await site.Operator.CreateTeamAsync($"crier-{attempt}")).Client;
            }
            catch (Exception error) when (Eventually.IsPassing(error))
            {
                await Task.Delay(Glance, TimeProvider.System, stop);
            }
        }
    }

    /// <summary>The health monitor wakes every hub; here is waited until it has, as far as somebody wakes them at all.</summary>
    private static async Task UntilPingedAsync(Site site, int hubs, CancellationToken stop)
    {
        while (true)
        {
            ApiAnswer answer = await site.Operator.GetAsync("/v1/tree");
            if (answer.Status == 200 && answer.Json.GetProperty("nodes") is var nodes && nodes.GetArrayLength() >= hubs
                && nodes.EnumerateArray().All(n => n.GetProperty("health").GetString() == "ok"))
                return;
            await Task.Delay(Glance, TimeProvider.System, stop);
        }
    }
}
