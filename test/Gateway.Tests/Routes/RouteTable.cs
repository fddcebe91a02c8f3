namespace ShitOps.Gateway.Tests.Routes;

/// <summary>Every route and who may call it. Knows nothing but HTTP, so that it can be run against any gateway.</summary>
public static class RouteTable
{
    private const string AnyId = "01980000-0000-7000-8000-000000000001";

    public sealed record Route(string Method, string Path, string? Body, string Roles);

    /// <summary>Roles: t team, o operator, s security, a anyone without a key.</summary>
    public static readonly Route[] All =
    [
        new("POST", "/v1/messages", "{}", "t"),
        new("GET", "/v1/messages", null, "to"),
        new("GET", $"/v1/messages/{AnyId}", null, "tos"),
        new("GET", $"/v1/messages/{AnyId}/trace", null, "tos"),
        new("DELETE", $"/v1/messages/{AnyId}", null, "t"),
        new("PUT", "/v1/attachments", "bytes", "t"),
        new("GET", $"/v1/attachments/{AnyId}", null, "t"),
        new("GET", "/v1/inbox", null, "t"),
        new("GET", "/v1/inbox/stream?max=0", null, "t"),
        new("POST", "/v1/inbox/ack", "{}", "t"),
        new("POST", "/v1/inbox/nack", "{}", "t"),
        new("POST", "/v1/inbox/extend", "{}", "t"),
        new("POST", "/v1/asks", "{}", "t"),
        new("GET", "/v1/asks", null, "to"),
        new("POST", $"/v1/asks/{AnyId}/reply", "{}", "t"),
        new("GET", $"/v1/asks/{AnyId}", null, "to"),
        new("GET", $"/v1/asks/{AnyId}/replies", null, "t"),
        new("GET", $"/v1/asks/{AnyId}/trace", null, "to"),
        new("POST", "/v1/tasks", "{}", "t"),
        new("GET", "/v1/tasks", null, "to"),
        new("GET", $"/v1/tasks/{AnyId}", null, "to"),
        new("GET", $"/v1/tasks/{AnyId}/trace", null, "to"),
        new("POST", $"/v1/tasks/{AnyId}/start", null, "t"),
        new("POST", $"/v1/tasks/{AnyId}/complete", "{}", "t"),
        new("POST", $"/v1/tasks/{AnyId}/fail", "{}", "t"),
        new("POST", $"/v1/tasks/{AnyId}/cancel", null, "to"),
        new("POST", $"/v1/tasks/{AnyId}/reassign", """{"assignee":"nobody"}""", "to"),
        new("POST", "/v1/workflows", "{}", "t"),
        new("GET", $"/v1/workflows/{AnyId}", null, "to"),
        new("PUT", "/v1/teams/UPPER", "{}", "o"),
        new("GET", "/v1/teams", null, "o"),
        new("GET", "/v1/teams/nobody", null, "o"),
        new("DELETE", "/v1/teams/nobody", null, "o"),
        new("POST", "/v1/teams/nobody/keys", null, "o"),
        new("DELETE", $"/v1/teams/nobody/keys/{AnyId}", null, "o"),
        new("GET", "/v1/teams/nobody/open", null, "to"),
        new("PUT", "/v1/teams/nobody/webhook", "{}", "t"),
        new("GET", "/v1/teams/nobody/webhook", null, "to"),
        new("DELETE", "/v1/teams/nobody/webhook", null, "to"),
        new("POST", "/v1/teams/nobody/webhook/test", null, "t"),
        new("GET", "/v1/tree", null, "o"),
        new("POST", "/v1/tree/rebalance?dryRun=true", null, "o"),
        new("GET", "/v1/quarantine", null, "os"),
        new("GET", $"/v1/quarantine/{AnyId}", null, "os"),
        new("POST", $"/v1/quarantine/{AnyId}/release", """{"reason":"r"}""", "s"),
        new("POST", $"/v1/quarantine/{AnyId}/purge", """{"reason":"r"}""", "s"),
        new("GET", "/v1/dead-letters", null, "to"),
        new("POST", "/v1/dead-letters/replay", "{}", "o"),
        new("POST", "/v1/dead-letters/discard", "{}", "o"),
        new("GET", "/v1/nodes", null, "o"),
        new("GET", "/v1/nodes/0", null, "o"),
        new("GET", "/v1/events", null, "o"),
        new("GET", "/v1/events/verification", null, "os"),
        new("GET", "/metrics", null, "o"),
        new("GET", "/health/live", null, "tosa"),
        new("GET", "/health/ready", null, "tosa"),
        new("GET", "/openapi/v1.json", null, "tosa"),
        new("GET", "/docs", null, "tosa"),
    ];

    /// <summary>What is wrong with each route for a caller of that role; empty when all is well.</summary>
    public static async Task<List<string>> WrongAsync(HttpClient client, char role)
    {
        var wrong = new List<string>();
        foreach (Route route in All)
        {
            using var request = new HttpRequestMessage(new HttpMethod(route.Method), route.Path);
            if (route.Body is not null)
                request.Content = new StringContent(route.Body, System.Text.Encoding.UTF8, route.Body == "bytes" ? "text/plain" : "application/json");
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            int status = (int)response.StatusCode;
            bool denied = status is 401 or 403;
            bool fine = route.Roles.Contains(role, StringComparison.Ordinal)
                ? !denied && status is not (405 or >= 500)
                : status == (role == 'a' ? 401 : 403) && response.Content.Headers.ContentType?.MediaType == "application/problem+json";
            if (!fine)
                wrong.Add($"{route.Method} {route.Path} as {role}: {status}");
        }
        return wrong;
    }
}
