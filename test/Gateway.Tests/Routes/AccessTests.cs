using System.Net;
using System.Text.Json;
using ShitOps.Gateway.Tests.World;

namespace ShitOps.Gateway.Tests.Routes;

[Collection(nameof(GatewayCollection))]
public sealed class AccessTests(GatewayFixture gateway)
{
    [Fact]
    public async Task Every_route_is_open_to_its_roles_and_closed_to_all_others()
    {
        (_, HttpClient team) = await gateway.TeamAsync();
        Assert.Empty(await RouteTable.WrongAsync(team, 't'));
        Assert.Empty(await RouteTable.WrongAsync(gateway.Operator, 'o'));
        Assert.Empty(await RouteTable.WrongAsync(gateway.Security, 's'));
        Assert.Empty(await RouteTable.WrongAsync(gateway.With(null), 'a'));
        Assert.Empty(await RouteTable.WrongAsync(gateway.With("sho_an-unknown-key"), 'a'));
    }

    [Fact]
    public async Task The_table_of_roles_names_every_route_of_the_api()
    {
        using HttpClient anyone = gateway.With(null);
        JsonElement document = JsonDocument.Parse(await anyone.GetStringAsync("/openapi/v1.json")).RootElement;
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        List<string> described = [.. document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject()
            .Select(m => $"{m.Name.ToUpperInvariant()} {p.Name}")).Where(r => r != "GET /forgotten")];
        IEnumerable<string> tabled = RouteTable.All.Where(r => r.Path is not ("/docs" or "/openapi/v1.json"))
            .Select(r => $"{r.Method} {r.Path.Split('?')[0]}");
        Assert.Equal(tabled.Count(), described.Count);
    }

    [Fact]
    public async Task A_route_that_forgot_its_policy_is_closed()
    {
        await GatewayFixture.ProblemAsync(await gateway.Operator.GetAsync("/forgotten"), 403, "forbidden");
        await GatewayFixture.ProblemAsync(await gateway.With(null).GetAsync("/forgotten"), 401, "unauthorized");
    }

    [Fact]
    public async Task What_the_framework_refuses_is_a_problem_too()
    {
        (_, HttpClient team) = await gateway.TeamAsync();
        await GatewayFixture.ProblemAsync(await team.GetAsync("/v1/nothing"), 404, "not_found");
        await GatewayFixture.ProblemAsync(await team.GetAsync("/v1/messages/not-a-uuid"), 404, "not_found");
        await GatewayFixture.ProblemAsync(await team.PutAsync("/v1/messages", GatewayFixture.Json("{}")), 405, "method_not_allowed");
        using var form = new FormUrlEncodedContent([new("a", "b")]);
        await GatewayFixture.ProblemAsync(await team.PostAsync("/v1/messages", form), 415, "unsupported_media_type");
        using var latin = new StringContent("{}", System.Text.Encoding.Latin1, "application/json");
        await GatewayFixture.ProblemAsync(await team.PostAsync("/v1/messages", latin), 415, "unsupported_media_type");
        using HttpResponseMessage without = await gateway.With(null).GetAsync("/v1/inbox");
        await GatewayFixture.ProblemAsync(without, 401, "unauthorized");
        Assert.Equal("Bearer", without.Headers.WwwAuthenticate.ToString());
        Assert.Equal("nosniff", without.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.False(without.Headers.Contains("Server"));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once_by_the_gateway_that_revoked_it()
    {
        (string name, HttpClient first) = await gateway.TeamAsync();
        JsonElement second = await GatewayFixture.ReadAsync(await gateway.Operator.PostAsync($"/v1/teams/{name}/keys", null));
        using HttpClient rotated = gateway.With(second.GetProperty("key").GetString());
        Assert.Matches("^sho_[A-Za-z0-9_-]{43}$", second.GetProperty("key").GetString());
        Assert.Equal(HttpStatusCode.OK, (await rotated.GetAsync("/v1/inbox")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.Operator.DeleteAsync($"/v1/teams/{name}/keys/{second.GetProperty("keyId")}")).StatusCode);
        await GatewayFixture.ProblemAsync(await rotated.GetAsync("/v1/inbox"), 401, "unauthorized");
        Assert.Equal(HttpStatusCode.OK, (await first.GetAsync("/v1/inbox")).StatusCode);
        await GatewayFixture.ProblemAsync(await gateway.Operator.DeleteAsync($"/v1/teams/{name}/keys/{second.GetProperty("keyId")}"), 404, "not_found");
    }

    [Fact]
    public async Task A_team_that_left_is_nobody_any_more()
    {
        (string name, HttpClient gone) = await gateway.TeamAsync();
        (_, HttpClient other) = await gateway.TeamAsync();
        Assert.Equal(HttpStatusCode.OK, (await gone.GetAsync("/v1/inbox")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.Operator.DeleteAsync($"/v1/teams/{name}")).StatusCode);
        await GatewayFixture.ProblemAsync(await gone.GetAsync("/v1/inbox"), 401, "unauthorized");
        await GatewayFixture.ProblemAsync(
            await other.PostAsync("/v1/messages", GatewayFixture.Json($$"""{"to":"{{name}}","body":1}""")), 422, "unknown_recipient");
        await GatewayFixture.ProblemAsync(await gateway.Operator.DeleteAsync($"/v1/teams/{name}"), 404, "not_found");
    }

    [Theory]
    [InlineData("/v1/teams/UPPER", """{"function":"QA"}""", "bad_name")]
    [InlineData("/v1/teams/all", """{"function":"QA"}""", "reserved_name")]
    [InlineData("/v1/teams/fine", "{}", "required")]
    [InlineData("/v1/teams/fine", """{"function":" QA"}""", "bad_text")]
    [InlineData("/v1/teams/fine", """{"function":"QA","weight":3}""", "out_of_range")]
    [InlineData("/v1/teams/fine", """{"function":"QA","wieght":1}""", "unknown_field")]
    [InlineData("/v1/teams/UPPER", """{"functoin":7}""", "invalid_request")]
    public async Task A_team_that_makes_no_sense_is_not_created(string path, string body, string code) =>
        await GatewayFixture.ProblemAsync(await gateway.Operator.PutAsync(path, GatewayFixture.Json(body)), 422, code);

    [Fact]
    public async Task Teams_are_listed_in_pages_and_each_shows_its_keys_ids_and_never_a_key()
    {
        (string name, _) = await gateway.TeamAsync();
        await gateway.TeamAsync();
        var names = new List<string>();
        string? next = null;
        do
        {
            JsonElement page = await GatewayFixture.ReadAsync(await gateway.Operator.GetAsync($"/v1/teams?limit=1{(next is null ? "" : $"&after={next}")}"));
            names.Add(page.GetProperty("teams")[0].GetProperty("name").GetString()!);
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);
        Assert.Contains(name, names);
        Assert.Equal(names.Order(StringComparer.Ordinal).Distinct(), names);
        string one = await gateway.Operator.GetStringAsync($"/v1/teams/{name}");
        Assert.Contains("keyId", one, StringComparison.Ordinal);
        Assert.DoesNotContain("sho_", one, StringComparison.Ordinal);
        await GatewayFixture.ProblemAsync(await gateway.Operator.GetAsync("/v1/teams?limit=0&aftre=x"), 422, "invalid_request");
    }

    [Fact]
    public async Task The_tree_names_parents_children_teams_and_health()
    {
        await gateway.TeamAsync();
        JsonElement tree = await GatewayFixture.ReadAsync(await gateway.Operator.GetAsync("/v1/tree"));
        JsonElement root = tree.GetProperty("nodes")[0];
        Assert.Equal("degraded", root.GetProperty("health").GetString());
        Assert.Equal(3, root.GetProperty("queue").GetInt32());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("parent").ValueKind);
        await GatewayFixture.ProblemAsync(await gateway.Operator.GetAsync("/v1/nodes/999999"), 404, "not_found");
        await GatewayFixture.ProblemAsync(await gateway.Operator.GetAsync("/v1/events?after=nonsense"), 422, "bad_cursor");
        await GatewayFixture.ProblemAsync(await gateway.Security.GetAsync("/v1/events/verification?after=nonsense"), 422, "bad_cursor");
    }

    [Fact]
    public async Task A_rebalancing_is_planned_or_carried_out_once_and_tells_moves_and_hops()
    {
        gateway.World.Rebalanced.Clear();
        JsonElement plan = await GatewayFixture.ReadAsync(await gateway.Operator.PostAsync("/v1/tree/rebalance?dryRun=true", null));
        Assert.True(plan.GetProperty("dryRun").GetBoolean());
        Assert.Equal((12.5, 3.5, 1.25), (plan.GetProperty("messages").GetDouble(), plan.GetProperty("hopsBefore").GetDouble(), plan.GetProperty("hopsAfter").GetDouble()));
        JsonElement move = plan.GetProperty("moves")[0];
        Assert.Equal(("dev", 4, 1), (move.GetProperty("team").GetString(), move.GetProperty("from").GetInt32(), move.GetProperty("to").GetInt32()));
        Assert.Empty(gateway.World.Rebalanced);

        JsonElement done = await GatewayFixture.ReadAsync(await gateway.Operator.PostAsync("/v1/tree/rebalance", null));
        Assert.False(done.GetProperty("dryRun").GetBoolean());
        Assert.Equal(plan.GetProperty("epoch").GetInt64() + 1, done.GetProperty("epoch").GetInt64());
        Assert.Single(gateway.World.Rebalanced);
        Assert.True(!done.TryGetProperty("plan", out JsonElement none) || none.ValueKind == JsonValueKind.Null);
        await GatewayFixture.ProblemAsync(await gateway.Operator.PostAsync("/v1/tree/rebalance?dryrun=true", null), 422, "unknown_parameter");
    }

    [Fact]
    public async Task A_plan_is_carried_out_as_it_was_told_or_not_at_all()
    {
        JsonElement plan = await GatewayFixture.ReadAsync(await gateway.Operator.PostAsync("/v1/tree/rebalance?dryRun=true", null));
        Guid told = plan.GetProperty("plan").GetGuid();
        JsonElement done = await GatewayFixture.ReadAsync(await gateway.Operator.PostAsync($"/v1/tree/rebalance?plan={told}", null));
        Assert.False(done.GetProperty("dryRun").GetBoolean());
        Assert.Equal(plan.GetProperty("moves").ToString(), done.GetProperty("moves").ToString());
        int carriedOut = gateway.World.Rebalanced.Count;
        await GatewayFixture.ProblemAsync(await gateway.Operator.PostAsync($"/v1/tree/rebalance?plan={Guid.NewGuid()}", null), 409, "plan_outdated");
        await GatewayFixture.ProblemAsync(await gateway.Operator.PostAsync("/v1/tree/rebalance?plan=the-last-one", null), 422, "bad_id");
        await GatewayFixture.ProblemAsync(await gateway.Operator.PostAsync($"/v1/tree/rebalance?dryRun=true&plan={told}", null), 422, "dry_run_and_plan");
        Assert.Equal(carriedOut, gateway.World.Rebalanced.Count);
    }
}
