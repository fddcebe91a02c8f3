using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ShitOps.Gateway.Tests.World;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.Routes;

[Collection(nameof(GatewayCollection))]
public sealed class WebhookTests(GatewayFixture gateway)
{
    private static StringContent Url(string url, string more = "") => GatewayFixture.Json($$"""{"url":"{{url}}"{{more}}}""");

    [Fact]
    public async Task A_secret_is_shown_to_the_team_once_and_reaches_the_cluster_sealed()
    {
        (string name, HttpClient team) = await gateway.TeamAsync();
        using HttpResponseMessage made = await team.PutAsync($"/v1/teams/{name}/webhook", Url("https://hooks.example.org/a"));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        string secret = (await GatewayFixture.ReadAsync(made)).GetProperty("secret").GetString()!;
        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", secret);
        PutWebhook stored = gateway.World.Webhooks[name];
        byte[] opened = await gateway.Services.GetRequiredService<IBodyVault>().OpenAsync(stored.SealedSecret, stored.SecretId);
        Assert.Equal(secret["whsec_".Length..], Convert.ToBase64String(opened));
        Assert.False(stored.SealedSecret.AsSpan().IndexOf(opened) >= 0);
        Assert.Equal($"team:{name}", stored.Actor);

        using HttpResponseMessage changed = await team.PutAsync($"/v1/teams/{name}/webhook", Url("https://hooks.example.org/b"));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.DoesNotContain("secret\":\"", await changed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        JsonElement rotated = await GatewayFixture.ReadAsync(await team.PutAsync($"/v1/teams/{name}/webhook", Url("https://hooks.example.org/b", ",\"rotateSecret\":true")));
        Assert.NotEqual(secret, rotated.GetProperty("secret").GetString());
        Assert.Equal(DateTimeOffset.UnixEpoch.AddDays(1), rotated.GetProperty("previousSecretUntil").GetDateTimeOffset());
        Assert.DoesNotContain("whsec_", await team.GetStringAsync($"/v1/teams/{name}/webhook"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_sees_where_to_but_no_path_and_may_end_it_but_name_no_address()
    {
        (string name, HttpClient team) = await gateway.TeamAsync();
        (_, HttpClient other) = await gateway.TeamAsync();
        string path = $"/v1/teams/{name}/webhook";
        using (await team.PutAsync(path, Url("https://hooks.example.org:8443/gone/T0KEN?x=1")))
        {
            Assert.Equal("https://hooks.example.org:8443", (await GatewayFixture.ReadAsync(await gateway.Operator.GetAsync(path))).GetProperty("url").GetString());
        }
        JsonElement own = await GatewayFixture.ReadAsync(await team.GetAsync(path));
        Assert.Equal(("https://hooks.example.org:8443/gone/T0KEN?x=1", "off", "gone"),
            (own.GetProperty("url").GetString(), own.GetProperty("state").GetString(), own.GetProperty("reason").GetString()));
        // Whoever could name the address could read the bodies.
        await GatewayFixture.ProblemAsync(await gateway.Operator.PutAsync(path, Url("https://mine.example/")), 403, "forbidden");
        await GatewayFixture.ProblemAsync(await gateway.Operator.PostAsync(path + "/test", null), 403, "forbidden");
        foreach (HttpRequestMessage request in new HttpRequestMessage[]
        {
            new(HttpMethod.Get, path), new(HttpMethod.Put, path) { Content = Url("https://mine.example/") }, new(HttpMethod.Delete, path), new(HttpMethod.Post, path + "/test"),
        })
            await GatewayFixture.ProblemAsync(await other.SendAsync(request), 404, "not_found");
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.Operator.DeleteAsync(path)).StatusCode);
        await GatewayFixture.ProblemAsync(await team.DeleteAsync(path), 404, "not_found");
        await GatewayFixture.ProblemAsync(await team.GetAsync(path), 404, "not_found");
        await GatewayFixture.ProblemAsync(await team.PostAsync(path + "/test", null), 404, "not_found");
    }

    [Fact]
    public async Task A_test_is_waited_for_and_tells_what_came_of_it()
    {
        (string name, HttpClient team) = await gateway.TeamAsync();
        using (await team.PutAsync($"/v1/teams/{name}/webhook", Url("https://hooks.example.org/")))
        {
            JsonElement told = await GatewayFixture.ReadAsync(await team.PostAsync($"/v1/teams/{name}/webhook/test", null));
            Assert.Equal((false, 307, "redirect", 12.3),
                (told.GetProperty("accepted").GetBoolean(), told.GetProperty("status").GetInt32(), told.GetProperty("reason").GetString(), told.GetProperty("milliseconds").GetDouble()));
        }
    }

    [Theory]
    [InlineData("{}", "required")]
    [InlineData("""{"url":"hooks"}""", "bad_address")]
    [InlineData("""{"url":"/hooks"}""", "bad_address")]
    [InlineData("""{"url":"mailto:a@b.example"}""", "bad_address")]
    [InlineData("""{"url":"https://hööks.example/"}""", "bad_address")]
    [InlineData("""{"url":7}""", "wrong_type")]
    [InlineData("""{"url":"https://a.example/","rotateSecret":"yes"}""", "wrong_type")]
    [InlineData("""{"url":"https://a.example/","uri":1}""", "unknown_field")]
    [InlineData("""{"url":"https://refused.example/"}""", "address_refused")]
    public async Task An_address_that_makes_no_sense_is_refused(string body, string code)
    {
        (string name, HttpClient team) = await gateway.TeamAsync();
        await GatewayFixture.ProblemAsync(await team.PutAsync($"/v1/teams/{name}/webhook", GatewayFixture.Json(body)), 422, code);
        Assert.False(gateway.World.Webhooks.ContainsKey(name));
    }
}
