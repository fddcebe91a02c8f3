using System.Text;
using ShitOps.Grains;
using ShitOps.Grains.Scanning;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Scanner.Tests;

public sealed class MessageScannerTests(ClamdFixture clamd)
{
    private static byte[] Json(string text) => Encoding.UTF8.GetBytes(text);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Eicar_is_found_in_every_form_by_clamd_and_by_the_built_in_scanner(bool real)
    {
        await using TestScanner scanner = await TestScanner.StartAsync(real ? [clamd.Server.TcpEndpoint] : []);
        MessageContent[] messages =
        [
            TestMessages.Bytes(Eicar.Plain),
            TestMessages.Json(Eicar.JsonField),
            TestMessages.Json(Eicar.Base64Field),
            TestMessages.Json(Eicar.DataUrlField),
            TestMessages.Bytes(Eicar.Zip),
            TestMessages.Bytes(Eicar.NestedZip),
            TestMessages.Json(Json($"{{\"zip\":\"{Convert.ToBase64String(Eicar.NestedZip)}\"}}")),
            TestMessages.Json(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(Eicar.Text)),
            TestMessages.Json(Json($"{{\"{Convert.ToBase64String(Eicar.Plain)}\":1}}")),
            TestMessages.Json(Json("{}"), subject: Eicar.Text),
            TestMessages.Bytes(Encoding.ASCII.GetBytes(Convert.ToBase64String(Eicar.Plain))),
            TestMessages.Json(Json("{}"), attachments: scanner.Attachments.Add(Eicar.Plain)),
        ];

        MessageVerdict[] verdicts = await scanner.Messages.ScanAsync(messages);
        for (int i = 0; i < verdicts.Length; i++)
            Assert.True(verdicts[i].Verdict is { Kind: VerdictKind.Infected, Detail: { } name } && name.StartsWith(Eicar.SignatureName, StringComparison.Ordinal), $"{i}: {verdicts[i]}");
        Assert.Equal(messages.Select(message => message.Id), verdicts.Select(verdict => verdict.Id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_cannot_be_looked_at_is_unscannable_with_its_reason(bool real)
    {
        await using TestScanner scanner = await TestScanner.StartAsync(real ? [clamd.Server.TcpEndpoint] : []);
        MessageContent fine = TestMessages.Json(Json("""{"text":"all is well"}"""));
        FakeAttachments attachments = scanner.Attachments;
        byte[] large = new byte[3 * Limits.AttachmentChunkBytes];
        MessageContent[] messages =
        [
            fine with { Sealed = [0, 1, 2] },
            fine with { Sha256 = new byte[32] },
            fine with { Sealed = null, Subject = "purged meanwhile" },
            TestMessages.Json(Json("{\"text\":")),
            TestMessages.Json(Json("""{"text":"half a pair: \ud800, and more"}""")),
            TestMessages.Bytes(Eicar.EncryptedZip),
            TestMessages.Json(Json("1"), attachments: Guid.CreateVersion7()),
            TestMessages.Json(Json("2"), attachments: attachments.Add(large, "quarantined")),
            TestMessages.Json(Json("3"), attachments: attachments.Add(large, "purged")),
            TestMessages.Json(Json("4"), attachments: attachments.Add(large, missing: 1)),
            TestMessages.Json(Json("5"), attachments: attachments.Add(large, sha256: new byte[32])),
            fine,
        ];

        MessageVerdict[] verdicts = await scanner.Messages.ScanAsync(messages);
        Assert.All(verdicts[..^1], verdict => Assert.Equal(VerdictKind.Unscannable, verdict.Verdict.Kind));
        Assert.Equal(VerdictKind.Clean, verdicts[^1].Verdict.Kind);
        Assert.Equal(
            [MessageScanner.Unsealable, MessageScanner.WrongDigest, MessageScanner.NoBody, ContentParts.BadJson, ContentParts.BadText],
            verdicts[..5].Select(verdict => verdict.Verdict.Detail));
        Assert.Equal(MessageScanner.WrongDigest, verdicts[10].Verdict.Detail);
    }

    [Fact]
    public async Task Clean_messages_are_remembered_by_body_kind_and_subject_and_nothing_else_is()
    {
        await using TestScanner scanner = await TestScanner.StartAsync(clamd.Server.TcpEndpoint);
        MessageContent clean = TestMessages.Json(Json("""{"text":"all is well"}"""), "a subject long enough");
        MessageContent infected = TestMessages.Json(Eicar.JsonField);
        MessageVerdict[] first = await scanner.Messages.ScanAsync([clean, infected]);
        Assert.All(first, verdict => Assert.False(verdict.Cached));

        MessageVerdict[] second = await scanner.Messages.ScanAsync(
            [clean with { Id = Guid.CreateVersion7() }, clean with { Subject = Eicar.Text }, clean with { Kind = BodyKind.Bytes }, infected]);
        Assert.Equal([true, false, false, false], second.Select(verdict => verdict.Cached));
        Assert.Equal(
            [VerdictKind.Clean, VerdictKind.Infected, VerdictKind.Clean, VerdictKind.Infected],
            second.Select(verdict => verdict.Verdict.Kind));
        Assert.All(second, verdict => Assert.Equal(scanner.Scanner.SignatureVersion, verdict.SignatureVersion));
    }

    [Fact]
    public async Task An_attachment_is_streamed_once_for_all_messages_and_a_released_one_passes()
    {
        await using TestScanner scanner = await TestScanner.StartAsync(clamd.Server.TcpEndpoint);
        byte[] content = new byte[5 * Limits.AttachmentChunkBytes + 1];
        new Random(1).NextBytes(content);
        Guid attachment = scanner.Attachments.Add(content);
        Guid released = scanner.Attachments.Add(Eicar.Plain, "released");

        MessageContent[] messages = [.. Enumerable.Range(0, 3).Select(i => TestMessages.Json(Json($"{i}"), null, attachment, released))];
        Assert.All(await scanner.Messages.ScanAsync(messages), verdict => Assert.Equal(VerdictKind.Clean, verdict.Verdict.Kind));
        Assert.Equal(6, scanner.Attachments.Reads);
        Assert.All(await scanner.Messages.ScanAsync(messages), verdict => Assert.True(verdict.Cached));
        Assert.Equal(6, scanner.Attachments.Reads);
    }

    [Fact]
    public async Task Without_a_scanner_every_verdict_is_unavailable_even_for_what_was_clean_before()
    {
        await using ClamdServer own = await ClamdServer.StartAsync();
        await using TestScanner scanner = await TestScanner.StartAsync(own.TcpEndpoint);
        MessageContent message = TestMessages.Json(Json("""{"text":"all is well"}"""));
        Assert.Equal(VerdictKind.Clean, (await scanner.Messages.ScanAsync([message]))[0].Verdict.Kind);

        await own.KillAsync();
        await scanner.UntilAsync(version => version is null);
        MessageVerdict verdict = (await scanner.Messages.ScanAsync([message]))[0];
        Assert.Equal((VerdictKind.Unavailable, null), (verdict.Verdict.Kind, verdict.SignatureVersion));
    }
}
