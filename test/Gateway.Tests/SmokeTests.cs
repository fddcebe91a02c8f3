using System.Net;
using ShitOps.Gateway.Tests.World;

namespace ShitOps.Gateway.Tests;

[Collection(nameof(GatewayCollection))]
public sealed class SmokeTests(GatewayFixture gateway)
{
    [Fact]
    public async Task A_message_posted_is_leased_read_and_acknowledged_by_its_recipient()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        (string to, HttpClient recipient) = await gateway.TeamAsync();
        using HttpResponseMessage posted = await sender.PostAsync("/v1/messages", GatewayFixture.Json($$"""{"to":"{{to}}","body":{"a": [1,  2]},"subject":"s"}"""));
        Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
        string id = (await GatewayFixture.ReadAsync(posted)).GetProperty("id").GetString()!;
        Assert.Equal($"/v1/messages/{id}", posted.Headers.Location?.ToString());

        string inbox = await recipient.GetStringAsync("/v1/inbox?wait=5");
        Assert.Contains($$"""
            "deliveryId":"{{id}}"
            """, inbox, StringComparison.Ordinal);
        Assert.Contains("\"body\":{\"a\": [1,  2]}", inbox, StringComparison.Ordinal);
        using HttpResponseMessage acked = await recipient.PostAsync("/v1/inbox/ack", GatewayFixture.Json($$"""{"deliveries":["{{id}}"]}"""));
        Assert.Equal("""{"acknowledged":1,"unknown":[]}""", await acked.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_api_describes_itself_in_OpenApi_3_1()
    {
        using HttpClient anyone = gateway.With(null);
        string text = await anyone.GetStringAsync("/openapi/v1.json");
        Assert.StartsWith("3.1", System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("openapi").GetString(), StringComparison.Ordinal);
    }
}
