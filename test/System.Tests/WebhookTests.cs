using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ShitOps.System.Tests.Fixtures;
using ShitOps.TestKit.Webhooks;

namespace ShitOps.System.Tests;

/// <summary>Deliveries are pushed to a real https server.</summary>
[Collection(PushesTests.Name)]
public sealed class WebhookTests(WebhookCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private Task<IReadOnlyList<Received>> UntilAsync(ApiClient team, int count) => UntilAsync(team, all => all.Length >= count);

    private async Task<IReadOnlyList<Received>> UntilAsync(ApiClient team, Func<Received[], bool> wanted) =>
        Of(await source.Receiver.UntilAsync(all => wanted(Of(all, team)), Limit), team);

    private static Received[] Of(IEnumerable<Received> all, ApiClient team) => [.. all.Where(r => r.Path == "/" + team.Name)];

    private static JsonElement Message(Received received) => JsonElement.Parse(received.Body).GetProperty("data").GetProperty("message");

    private static string Signature(string secret, Received received) => "v1," + Convert.ToBase64String(HMACSHA256.HashData(
        Convert.FromBase64String(secret["whsec_".Length..]), (byte[])[.. Encoding.ASCII.GetBytes($"{received.Id}.{received.Timestamp}."), .. received.Body]));

    private static async Task<JsonElement> PutAsync(ApiClient team, Uri url, int status = 201, bool rotateSecret = false)
    {
        ApiAnswer answer = await team.CallAsync(HttpMethod.Put, $"/v1/teams/{team.Name}/webhook", ApiClient.JsonContent(new { url = url.ToString(), rotateSecret }));
        Assert.True(answer.Status == status, $"{answer.Status}: {answer.Text}");
        return answer.Json;
    }

    private static async Task<JsonElement> WebhookAsync(ApiClient team) => (await team.GetAsync($"/v1/teams/{team.Name}/webhook")).Json;

    [Fact]
    public async Task What_is_sent_is_pushed_signed_and_with_that_acknowledged()
    {
        (ApiClient sender, ApiClient team) = await NewPairAsync();
        string secret = (await PutAsync(team, source.Url(team.Name))).Text("secret")!;
        Accepted text = await sender.SendAsync(NewMessage.Text(team.Name, "as it stands") with { Subject = "build 812", CorrelationId = "b-812" });
        Accepted bytes = await sender.SendAsync(new NewMessage(team.Name) { Bytes = [0, 1, 255] });
        IReadOnlyList<Received> got = await UntilAsync(team, 2);
        Assert.Equal([text.Id, bytes.Id], got.Select(r => Message(r).GetProperty("id").GetGuid()));
        Assert.Equal(("inbox.delivery", "as it stands", "build 812", sender.Name),
            (JsonElement.Parse(got[0].Body).Text("type"), Message(got[0]).Text("body"), Message(got[0]).Text("subject"), Message(got[0]).Text("from")));
        Assert.Equal(Convert.ToBase64String([0, 1, 255]), Message(got[1]).Text("bodyBase64"));
        Assert.All(got, r => Assert.Equal([Signature(secret, r)], r.Signatures));
        Assert.Equal($"{text.Id}_{team.Name}", got[0].Id);
        await sender.UntilStateAsync(text.Id, "acknowledged");
        await sender.UntilStateAsync(bytes.Id, "acknowledged");
        await AssertEmptyAsync(team);
        Assert.Equal(2, Of(source.Receiver.Received, team).Length);
    }

    [Fact]
    public async Task One_that_fails_holds_up_its_own_kind_and_comes_again_in_its_place()
    {
        (ApiClient sender, ApiClient team) = await NewPairAsync();
        ApiClient other = await NewTeamAsync("other");
        int failed = 0;
        await PutAsync(team, source.Url(team.Name, (received, http) =>
            WebhookReceiver.Status(http, Message(received).Text("body") == "2" && Interlocked.Increment(ref failed) <= 3 ? 503 : 200)));
        for (int n = 1; n <= 5; n++)
            await sender.SendAsync(NewMessage.Text(team.Name, $"{n}") with { OrderingKey = "build" });
        await other.SendAsync(NewMessage.Text(team.Name, "beside"));
        IReadOnlyList<Received> got = await UntilAsync(team, 9);
        Assert.Equal(["1", "2", "2", "2", "2", "3", "4", "5"], got.Where(r => Message(r).Text("from") == sender.Name).Select(r => Message(r).Text("body")));
        Received[] tries = [.. got.Where(r => Message(r).Text("body") == "2")];
        Assert.Single(tries.Select(r => r.Id).Distinct());
        Assert.Equal([1, 2, 3, 4], tries.Select(r => JsonElement.Parse(r.Body).GetProperty("data").GetProperty("attempt").GetInt32()));
        Assert.Contains(got, r => Message(r).Text("body") == "beside");
        await AssertEmptyAsync(team);
    }

    [Fact]
    public async Task The_eighth_failure_makes_a_dead_letter_as_it_does_for_those_who_fetch()
    {
        (ApiClient sender, ApiClient team) = await NewPairAsync();
        await PutAsync(team, source.Url(team.Name, (_, http) => WebhookReceiver.Status(http, 500)));
        Accepted sent = await sender.SendAsync(NewMessage.Text(team.Name, "never"));
        await sender.UntilStateAsync(sent.Id, "dead");
        Assert.Equal(8, Of(source.Receiver.Received, team).Length);
        Assert.Contains("webhook_500", (await Operator.DeadLettersAsync(team.Name)).GetRawText(), StringComparison.Ordinal);
        Assert.Equal("500", (await WebhookAsync(team)).GetProperty("lastPush").Text("reason"));
        using var silo = new HttpClient();
        string[] metrics = await Task.WhenAll(Cluster.Silos.Select(s => silo.GetStringAsync(new Uri(s.Address!, "/metrics"))));
        Assert.Contains(metrics, page => page.Contains("shitops_push_duration_seconds_count{shitops_push_outcome=\"failed\"}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_receiver_that_is_gone_gets_no_more_and_what_waits_can_be_fetched_or_pushed_again()
    {
        (ApiClient sender, ApiClient team) = await NewPairAsync();
        await PutAsync(team, source.Url(team.Name, (_, http) => WebhookReceiver.Status(http, 410)));
        Accepted sent = await sender.SendAsync(NewMessage.Text(team.Name, "stays"));
        JsonElement off = await Eventually.UntilAsync(() => WebhookAsync(team), hook => hook.Text("state") == "off", Limit, "the webhook is off");
        Assert.Equal("gone", off.Text("reason"));
        JournalEvent told = Assert.Single(await Operator.EventsAsync("team.webhook_disabled", team.Name));
        Assert.DoesNotContain(team.Name, told.Reason, StringComparison.Ordinal);
        Delivery waiting = Assert.Single(await team.LeaseAsync(wait: 5, lease: 1));
        Assert.Equal((sent.Id, 1), (waiting.DeliveryId, waiting.Attempt));
        Assert.Single(Of(source.Receiver.Received, team));

        await PutAsync(team, source.Url(team.Name), status: 200);
        await sender.UntilStateAsync(sent.Id, "acknowledged");
        Assert.Equal(2, Of(source.Receiver.Received, team).Length);
    }

    [Fact]
    public async Task For_a_day_after_a_rotation_both_secrets_sign_the_new_one_first()
    {
        (ApiClient sender, ApiClient team) = await NewPairAsync();
        string old = (await PutAsync(team, source.Url(team.Name))).Text("secret")!;
        JsonElement rotated = await PutAsync(team, source.Url(team.Name), status: 200, rotateSecret: true);
        string now = rotated.Text("secret")!;
        Assert.InRange(rotated.GetProperty("previousSecretUntil").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(23), TimeSpan.FromHours(24));
        await sender.SendAsync(NewMessage.Text(team.Name, "twice signed"));
        Received got = Assert.Single(await UntilAsync(team, 1));
        Assert.Equal([Signature(now, got), Signature(old, got)], got.Signatures);
        Assert.Equal(["team.webhook_set", "team.webhook_secret_rotated"],
            (await Operator.EventsAsync(team: team.Name)).Select(e => e.Type).Where(type => type.StartsWith("team.webhook", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_test_is_one_signed_event_that_is_no_delivery()
    {
        ApiClient team = await NewTeamAsync();
        string secret = (await PutAsync(team, source.Url(team.Name))).Text("secret")!;
        ApiAnswer answer = await team.PostAsync($"/v1/teams/{team.Name}/webhook/test", new { });
        Assert.Equal((200, true, 204), (answer.Status, answer.Json.GetProperty("accepted").GetBoolean(), answer.Json.GetProperty("status").GetInt32()));
        Received got = Assert.Single(Of(source.Receiver.Received, team));
        Assert.Equal([Signature(secret, got)], got.Signatures);
        Assert.Equal("webhook.test", JsonElement.Parse(got.Body).Text("type"));
    }

    [Fact]
    public async Task Removed_it_pushes_no_more_and_a_new_team_of_the_same_name_has_none()
    {
        (ApiClient sender, ApiClient team) = await NewPairAsync();
        await PutAsync(team, source.Url(team.Name));
        Assert.Equal(204, (await team.CallAsync(HttpMethod.Delete, $"/v1/teams/{team.Name}/webhook")).Status);
        Accepted sent = await sender.SendAsync(NewMessage.Text(team.Name, "to be fetched"));
        Assert.Equal(sent.Id, Assert.Single(await team.LeaseAsync(wait: 10)).DeliveryId);
        Assert.Empty(Of(source.Receiver.Received, team));

        ApiClient leaving = await NewTeamAsync("leaving");
        await PutAsync(leaving, source.Url(leaving.Name));
        Assert.Equal(204, (await Operator.DeleteTeamAsync(leaving.Name)).Status);
        (ApiClient again, _) = await Operator.CreateTeamAsync(leaving.Name);
        Assert.Equal(404, (await again.GetAsync($"/v1/teams/{leaving.Name}/webhook")).Status);
        Accepted later = await sender.SendAsync(NewMessage.Text(leaving.Name, "for the new one"));
        Assert.Equal(later.Id, Assert.Single(await again.LeaseAsync(wait: 10)).DeliveryId);
        Assert.Empty(Of(source.Receiver.Received, leaving));
    }

    [Fact]
    public async Task Pushing_goes_on_in_order_when_the_silo_that_does_it_is_killed()
    {
        (ApiClient sender, ApiClient team) = await NewPairAsync();
        await PutAsync(team, source.Url(team.Name, (_, http) => Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, http.RequestAborted)));
        const int each = 100;
        int sent = 0;
        // One of the two has the webhook, and after its death the other: the second kill hits it at the latest.
        for (int silo = 0; silo < 2; silo++)
        {
            for (int n = 0; n < each; n++)
                await sender.SendAsync(NewMessage.Text(team.Name, $"{sent++}") with { OrderingKey = "one" });
            int before = silo * each;
            await UntilAsync(team, all => all.Select(r => r.Id).Distinct().Count() > before + 5);
            await Cluster.Silos[silo].StopAsync(Signals.Kill);
            long start = TimeProvider.System.GetTimestamp();
            int[] seen = [.. (await UntilAsync(team, all => all.Select(r => r.Id).Distinct().Count() == sent)).Select(Number)];
            Output.WriteLine($"{TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s from the kill of silo {silo} to the last push, {seen.Length - sent} pushed twice");
            // A push may come twice; but nothing overtakes what was not there yet.
            Assert.Equal(Enumerable.Range(0, sent), seen.Distinct());
            await Cluster.Silos[silo].RestartAsync();
            await Cluster.MendAsync();
        }
        await Eventually.UntilAsync(() => team.GetAsync($"/v1/teams/{team.Name}/open"),
            open => open.Json.GetProperty("unacknowledged").GetProperty("waiting").GetInt32() + open.Json.GetProperty("unacknowledged").GetProperty("leased").GetInt32() == 0,
            Limit, "everything is acknowledged");
        Assert.Empty(await Operator.EventsAsync("message.dead", team.Name));
    }

    private static int Number(Received received) => int.Parse(Message(received).Text("body")!, global::System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A cluster as it comes: it pushes to public addresses alone.</summary>
public sealed class WebhookGuardTests(SharedCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    [Theory]
    [InlineData("https://127.0.0.1:8443/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    [InlineData("https://169.254.169.254/latest/meta-data/")]
    [InlineData("https://10.1.2.3/")]
    [InlineData("https://2130706433/")]
    [InlineData("http://hooks.invalid/")]
    [InlineData("https://name:word@hooks.invalid/")]
    public async Task An_address_that_is_not_public_is_refused(string url)
    {
        ApiClient team = await NewTeamAsync();
        ApiAnswer answer = await team.CallAsync(HttpMethod.Put, $"/v1/teams/{team.Name}/webhook", ApiClient.JsonContent(new { url }));
        Assert.Null(answer.NotAProblem(422));
        Assert.Equal("address_refused", answer.Json.Text("code"));
    }

    [Fact]
    public async Task A_name_that_leads_to_this_machine_is_not_connected_to()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        (ApiClient sender, ApiClient team) = await NewPairAsync();
        ApiAnswer put = await team.CallAsync(HttpMethod.Put, $"/v1/teams/{team.Name}/webhook", ApiClient.JsonContent(new { url = receiver.UrlByName.ToString() }));
        Assert.Equal(201, put.Status);
        Accepted sent = await sender.SendAsync(NewMessage.Text(team.Name, "not for them"));
        ApiAnswer test = await team.PostAsync($"/v1/teams/{team.Name}/webhook/test", new { });
        Assert.Equal((200, "address_not_allowed"), (test.Status, test.Json.Text("reason")));
        await Eventually.UntilAsync(() => sender.TraceAsync(sent.Id), trace => trace.Any(e => e.Reason == "webhook_address_not_allowed"), TimeSpan.FromSeconds(30), "a push was tried");
        Assert.Equal(0, receiver.Connections);
    }
}
