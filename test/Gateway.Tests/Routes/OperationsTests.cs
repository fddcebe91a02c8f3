using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using ShitOps.Gateway.Tests.World;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.Routes;

[Collection(nameof(GatewayCollection))]
public sealed class OperationsTests(GatewayFixture gateway)
{
    private static ByteArrayContent Bytes(byte[] bytes) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/pdf") } };

    [Fact]
    public async Task An_attachment_of_many_chunks_comes_back_to_those_who_may_read_it()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        (string to, HttpClient recipient) = await gateway.TeamAsync();
        (_, HttpClient stranger) = await gateway.TeamAsync();
        byte[] content = RandomNumberGenerator.GetBytes((3 * Limits.AttachmentChunkBytes) + 17);
        using HttpResponseMessage put = await sender.PutAsync("/v1/attachments", Bytes(content));
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        JsonElement stored = await GatewayFixture.ReadAsync(put);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), stored.GetProperty("sha256").GetString());
        Guid id = stored.GetProperty("id").GetGuid();
        Assert.Equal(4, gateway.World.Chunks[id].Count);
        Assert.Equal(content, await sender.GetByteArrayAsync($"/v1/attachments/{id}"));
        await GatewayFixture.ProblemAsync(await recipient.GetAsync($"/v1/attachments/{id}"), 404, "not_found");
        await sender.PostAsync("/v1/messages", GatewayFixture.Json($$"""{"to":"{{to}}","attachments":["{{id}}"],"body":1}"""));
        using HttpResponseMessage got = await recipient.GetAsync($"/v1/attachments/{id}");
        Assert.Equal(content, await got.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/pdf", got.Content.Headers.ContentType?.MediaType);
        await GatewayFixture.ProblemAsync(await stranger.GetAsync($"/v1/attachments/{id}"), 404, "not_found");
        await GatewayFixture.ProblemAsync(await gateway.Operator.GetAsync($"/v1/attachments/{id}"), 403, "forbidden");
        await GatewayFixture.ProblemAsync(
            await stranger.PostAsync("/v1/messages", GatewayFixture.Json($$"""{"to":"{{to}}","attachments":["{{id}}"],"body":1}""")), 422, "unknown_attachment");
    }

    [Theory]
    [InlineData(UploadStatus.Infected, 422, "infected")]
    [InlineData(UploadStatus.Unscannable, 422, "unscannable")]
    [InlineData(UploadStatus.ScannerUnavailable, 503, "scanner_unavailable")]
    [InlineData(UploadStatus.NotStored, 503, "unavailable")]
    public async Task An_attachment_that_is_not_clean_is_refused(UploadStatus status, int answer, string code)
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        gateway.World.NextUpload = status;
        using HttpResponseMessage put = await sender.PutAsync("/v1/attachments", Bytes([1, 2, 3]));
        gateway.World.NextUpload = UploadStatus.Stored;
        await GatewayFixture.ProblemAsync(put, answer, code);
    }

    [Fact]
    public async Task An_attachment_that_is_too_large_or_empty_is_refused_and_its_chunks_are_dropped()
    {
        (_, HttpClient sender) = await gateway.TeamAsync();
        await GatewayFixture.ProblemAsync(await sender.PutAsync("/v1/attachments", Bytes([])), 422, "empty");
        int aborts = gateway.World.Calls.Count(c => c == "Abort");
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/attachments") { Content = Bytes(new byte[Limits.AttachmentBytes + 1]) };
        request.Headers.TransferEncodingChunked = true;
        await GatewayFixture.ProblemAsync(await sender.SendAsync(request), 413, "too_large");
        Assert.Equal(aborts + 1, gateway.World.Calls.Count(c => c == "Abort"));
    }

    [Fact]
    public async Task Security_decides_once_with_a_reason()
    {
        var entry = new QuarantineView
        {
            Id = Guid.NewGuid(),
            From = "a",
            Verdict = "infected",
            Signature = "Eicar-Test",
            SignatureVersion = "1",
            Node = 0,
            Silo = "s",
            At = DateTimeOffset.UnixEpoch,
            State = "waiting",
        };
        gateway.World.Quarantine[entry.Id] = entry;
        Assert.Contains("Eicar-Test", await gateway.Operator.GetStringAsync("/v1/quarantine?state=waiting"), StringComparison.Ordinal);
        string path = $"/v1/quarantine/{entry.Id}/release";
        await GatewayFixture.ProblemAsync(await gateway.Security.PostAsync(path, GatewayFixture.Json("{}")), 422, "required");
        await GatewayFixture.ProblemAsync(await gateway.Security.PostAsync(path, GatewayFixture.Json($$"""{"reason":"{{new string('x', 513)}}"}""")), 422, "bad_length");
        await GatewayFixture.ProblemAsync(await gateway.Operator.PostAsync(path, GatewayFixture.Json("""{"reason":"r"}""")), 403, "forbidden");
        using HttpResponseMessage done = await gateway.Security.PostAsync(path, GatewayFixture.Json("""{"reason":"a false alarm"}"""));
        Assert.Equal("released", (await GatewayFixture.ReadAsync(done)).GetProperty("state").GetString());
        Assert.Equal(("security:configured", "a false alarm"), (gateway.World.Quarantine[entry.Id].DecidedBy, gateway.World.Quarantine[entry.Id].Reason));
        await GatewayFixture.ProblemAsync(await gateway.Security.PostAsync(path, GatewayFixture.Json("""{"reason":"again"}""")), 409, "already_decided");
        await GatewayFixture.ProblemAsync(await gateway.Security.PostAsync($"/v1/quarantine/{Guid.NewGuid()}/purge", GatewayFixture.Json("""{"reason":"r"}""")), 404, "not_found");
    }

    [Fact]
    public async Task A_team_sees_its_own_dead_letters_and_an_operator_decides()
    {
        (string name, HttpClient team) = await gateway.TeamAsync();
        await GatewayFixture.ProblemAsync(await team.GetAsync("/v1/dead-letters?team=another"), 403, "forbidden");
        Assert.Equal("""{"groups":[]}""", await team.GetStringAsync("/v1/dead-letters?reason=expired"));
        Assert.Contains($"DeadLetters {name} expired", gateway.World.Calls);
        await GatewayFixture.ProblemAsync(await gateway.Operator.PostAsync("/v1/dead-letters/replay", GatewayFixture.Json("""{"ids":[],"reason":"r"}""")), 422, "ids_or_reason");
        using HttpResponseMessage replayed = await gateway.Operator.PostAsync("/v1/dead-letters/replay", GatewayFixture.Json("""{"reason":"nack","why":"the team is back"}"""));
        Assert.Equal("""{"replayed":7}""", await replayed.Content.ReadAsStringAsync());
        Assert.Equal(["0", "1", "2"], gateway.World.Calls.Where(c => c.StartsWith("Replay some nack  operator:configured the team is back", StringComparison.Ordinal)).Select(c => c[^1..]));
        using HttpResponseMessage discarded = await gateway.Operator.PostAsync("/v1/dead-letters/discard", GatewayFixture.Json($$"""{"reason":"nack","team":"{{name}}"}"""));
        Assert.Equal("""{"discarded":7}""", await discarded.Content.ReadAsStringAsync());
        Assert.Contains(gateway.World.Calls, c => c.StartsWith($"Discard some nack {name} ", StringComparison.Ordinal));
        await GatewayFixture.ProblemAsync(
            await gateway.Operator.PostAsync("/v1/dead-letters/discard", GatewayFixture.Json($$"""{"ids":["{{Guid.NewGuid()}}"],"team":"{{name}}"}""")), 422, "needs_reason");
    }

    [Fact]
    public async Task Health_says_ready_degraded_or_unavailable_and_why()
    {
        using HttpClient anyone = gateway.With(null);
        await UntilAsync(anyone, 200, "ready");
        gateway.World.Degradations = ["scanner away"];
        Assert.Contains("scanner away", await UntilAsync(anyone, 200, "degraded"), StringComparison.Ordinal);
        gateway.World.DatabaseAway = true;
        await UntilAsync(anyone, 503, "unavailable");
        gateway.World.DatabaseAway = false;
        gateway.World.Degradations = [];
        await UntilAsync(anyone, 200, "ready");
        Assert.EndsWith("# EOF\n", await gateway.Operator.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    private static async Task<string> UntilAsync(HttpClient client, int status, string word)
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        string text = "";
        for (int i = 0; i < 100; i++)
        {
            using HttpResponseMessage response = await client.GetAsync("/health/ready");
            text = await response.Content.ReadAsStringAsync();
            if ((int)response.StatusCode == status && text.Contains($"\"{word}\"", StringComparison.Ordinal))
                return text;
            await pulse.WaitForNextTickAsync();
        }
        throw new InvalidOperationException($"never {word}: {text}");
    }
}
