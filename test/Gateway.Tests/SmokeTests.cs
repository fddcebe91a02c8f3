using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ShitOps.Gateway.Security;
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
    public async Task The_reference_needs_no_foreign_host()
    {
        using HttpClient anyone = gateway.With(null);
        using HttpResponseMessage page = await anyone.GetAsync("/docs/");
        string html = await page.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("script-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("://cdn", html, StringComparison.Ordinal);
        string[] scripts = [.. System.Text.RegularExpressions.Regex.Matches(html, "src=\"([^\"]+)\"").Select(m => m.Groups[1].Value)];
        Assert.NotEmpty(scripts);
        foreach (string script in scripts)
            Assert.Equal(HttpStatusCode.OK, (await anyone.GetAsync(new Uri(new Uri(gateway.Address, "/docs/"), script))).StatusCode);
    }

    [Fact]
    public async Task First_keys_are_made_once_printed_once_and_work()
    {
        TextWriter console = Console.Out;
        using var printed = new StringWriter();
        Console.SetOut(TextWriter.Synchronized(printed));
        try
        {
            await RunAsync();
            await RunAsync();
        }
        finally
        {
            Console.SetOut(console);
        }
        string[] keys = [.. System.Text.RegularExpressions.Regex.Matches(printed.ToString(), "First (?:operator|security) key, shown this once: (sho_[A-Za-z0-9_-]{43})").Select(m => m.Groups[1].Value)];
        Assert.Equal(2, keys.Length);
        using HttpClient made = gateway.With(keys[0]);
        Assert.Equal(HttpStatusCode.OK, (await made.GetAsync("/v1/tree")).StatusCode);
    }

    private async Task RunAsync()
    {
        var keys = ActivatorUtilities.CreateInstance<FirstKeys>(gateway.Services, new ConfiguredKeys(new ConfigurationManager()));
        await keys.StartAsync(CancellationToken.None);
        await keys.ExecuteTask!;
    }

    [Fact]
    public async Task The_api_describes_itself_in_OpenApi_3_1()
    {
        using HttpClient anyone = gateway.With(null);
        string text = await anyone.GetStringAsync("/openapi/v1.json");
        JsonElement document = JsonDocument.Parse(text).RootElement;
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        JsonElement post = document.GetProperty("paths").GetProperty("/v1/messages").GetProperty("post");
        Assert.Equal("#/components/schemas/ProblemResource",
            post.GetProperty("responses").GetProperty("422").GetProperty("content").GetProperty("application/problem+json").GetProperty("schema").GetProperty("$ref").GetString());
        Assert.Equal(1, post.GetProperty("security").GetArrayLength());
        JsonElement message = document.GetProperty("components").GetProperty("schemas").GetProperty("MessageResource").GetProperty("properties");
        Assert.Equal("string", message.GetProperty("acceptedAt").GetProperty("type").GetString());
        Assert.Equal("integer", message.GetProperty("size").GetProperty("type").GetString());
    }
}
