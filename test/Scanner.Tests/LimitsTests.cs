using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ShitOps.Grains;
using ShitOps.Grains.Scanning;
using ShitOps.Silo.ClamAv;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Scanner.Tests;

public sealed class LimitsTests(ClamdFixture clamd)
{
    private const string TestFiles = "/usr/share/clamav-testfiles";

    [Fact]
    public async Task What_is_over_a_limit_is_unscannable_alone_in_a_batch_and_streamed()
    {
        await using TestScanner scanner = await TestScanner.StartAsync(clamd.Server.TcpEndpoint);
        byte[] deep = Eicar.Plain;
        for (int i = 0; i < 30; i++)
            deep = Eicar.ZipOf(("deeper.zip", deep));
        byte[] bomb = Eicar.ZipOf(("zeros", new byte[125 * 1024 * 1024]));
        byte[] innocent = "nothing to be found in here"u8.ToArray();

        foreach (byte[] content in new[] { deep, bomb })
        {
            Assert.Equal([VerdictKind.Clean, VerdictKind.Unscannable], (await scanner.ScanAsync(innocent, content)).Select(verdict => verdict.Kind));
            Assert.StartsWith("Heuristics.Limits.Exceeded", (await scanner.ScanAsync(content))[0].Detail);
            Assert.Equal(VerdictKind.Unscannable, (await scanner.StreamAsync(content, 3)).Kind);
        }
        byte[] huge = new byte[31 * 1024 * 1024];
        Assert.Equal([VerdictKind.Unscannable, VerdictKind.Clean], (await scanner.ScanAsync(huge, innocent)).Select(verdict => verdict.Kind));
        Assert.Equal(VerdictKind.Unscannable, (await scanner.StreamAsync(huge, 100)).Kind);
    }

    [Fact]
    public async Task The_largest_attachment_is_scanned_whole()
    {
        await using TestScanner scanner = await TestScanner.StartAsync(clamd.Server.UnixEndpoint);
        byte[] content = new byte[Limits.AttachmentBytes];
        new Random(2).NextBytes(content);
        Assert.Equal(VerdictKind.Clean, (await scanner.StreamAsync(content, 100)).Kind);

        byte[] infected = Eicar.ZipOf(("eicar.com", Eicar.Plain), ("padding", content[..^(16 * 1024)]));
        Assert.InRange(infected.Length, Limits.AttachmentBytes - (16 * 1024), Limits.AttachmentBytes);
        Assert.Equal(VerdictKind.Infected, (await scanner.StreamAsync(infected, 100)).Kind);
        byte[] hidden = Eicar.ZipOf(("all", [.. new byte[35 * 1024 * 1024], .. Eicar.ZipOf(("eicar.com", Eicar.Plain))]));
        Assert.NotEqual(VerdictKind.Clean, (await scanner.ScanAsync(hidden))[0].Kind);
        Assert.Equal([VerdictKind.Infected, VerdictKind.Clean], (await scanner.ScanAsync(infected, content)).Select(verdict => verdict.Kind));
    }

    [Fact]
    public async Task A_clamd_that_takes_less_than_it_should_makes_contents_unscannable_not_clean()
    {
        await using ClamdServer small = await ClamdServer.StartAsync(new Dictionary<string, string?> { ["StreamMaxLength"] = "1M" });
        await using TestScanner scanner = await TestScanner.StartAsync(small.TcpEndpoint);
        byte[] content = new byte[3 * 1024 * 1024];
        new Random(3).NextBytes(content);

        Verdict[] verdicts = await scanner.ScanAsync(content, "nothing to be found in here"u8.ToArray());
        Assert.NotEqual(VerdictKind.Clean, verdicts[0].Kind);
        Assert.NotEqual(VerdictKind.Clean, (await scanner.StreamAsync(content, 3)).Kind);
    }

    [Theory]
    [InlineData("AlertEncrypted")]
    [InlineData("AlertExceedsMax")]
    public async Task A_clamd_without_the_settings_that_we_rely_on_is_not_used(string setting)
    {
        await using ClamdServer lax = await ClamdServer.StartAsync(new Dictionary<string, string?> { [setting] = "no" });
        await using TestScanner scanner = await TestScanner.StartAsync(lax.TcpEndpoint);
        Assert.Null(scanner.Scanner.SignatureVersion);
    }

    [Fact]
    public async Task A_batch_says_of_every_test_file_what_the_file_alone_says()
    {
        await using ClamdServer own = await ClamdServer.StartAsync();
        byte[] program = await File.ReadAllBytesAsync(Path.Combine(TestFiles, "clam.exe"));
        await own.UpdateSignaturesAsync(27_001, ("ClamAV.Test.File", program[0xc0..0xf4]));
        Assert.True(ClamdAddress.TryParse(own.TcpEndpoint, out ClamdAddress? address));
        using var endpoint = new ClamdEndpoint(address, new AntivirusOptions(), TimeProvider.System, NullLogger.Instance);

        int found = 0;
        string[] files = [.. Directory.GetFiles(TestFiles).Order(StringComparer.Ordinal)];
        foreach (string file in files)
        {
            byte[] content = await File.ReadAllBytesAsync(file);
            using Frame alone = Frame.Of(content);
            using Frame batch = Frame.OfZip([.. Enumerable.Range(0, 100).Select(i => i == 60 ? (ReadOnlyMemory<byte>)content : Encoding.ASCII.GetBytes($"filler {i}"))]);
            ClamdReply single = await endpoint.ScanAsync(alone, TimeSpan.FromSeconds(30));
            Assert.Equal((Path.GetFileName(file), single), (Path.GetFileName(file), await endpoint.ScanAsync(batch, TimeSpan.FromSeconds(30))));
            found += single.Kind == ReplyKind.Found ? 1 : 0;
        }
        Assert.True(found > files.Length / 3, $"only {found} of {files.Length} were found: the comparison says little");
    }

    [Fact]
    public async Task A_batch_is_looked_at_to_its_end_whatever_stands_before()
    {
        await using ClamdServer own = await ClamdServer.StartAsync();
        Assert.True(ClamdAddress.TryParse(own.TcpEndpoint, out ClamdAddress? address));
        using var endpoint = new ClamdEndpoint(address, new AntivirusOptions(), TimeProvider.System, NullLogger.Instance);
        byte[][] files = [.. Directory.GetFiles(TestFiles).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).Where(file => file.Length < 64 * 1024), Eicar.ZipOf(("a", "nothing"u8.ToArray()))];
        using (Frame inner = Frame.OfZip([.. files.Take(3).Select(file => (ReadOnlyMemory<byte>)file)]))
            files = [.. files, inner.ChunkToArray()];

        var random = new Random(7);
        for (int round = 0; round < 400; round++)
        {
            // Broken archives, programs and documents: what clamd cannot read must not keep it from what follows.
            byte[] odd = [.. files[round % files.Length]];
            for (int change = random.Next(8); change > 0; change--)
                odd[random.Next(odd.Length)] = (byte)random.Next(256);
            odd = odd[..random.Next(odd.Length / 2, odd.Length)];
            // Deflated, so that it is seen in its place only. It differs each time, so that no cache answers.
            byte[] last = Eicar.ZipOf(("eicar.com", Eicar.Plain), ("other", BitConverter.GetBytes(round)));
            using Frame batch = Frame.OfZip([odd, Array.Empty<byte>(), "filler"u8.ToArray(), last]);
            ClamdReply reply = await endpoint.ScanAsync(batch, TimeSpan.FromSeconds(30));
            Assert.True(reply.Kind == ReplyKind.Found, $"round {round}: {reply}");
        }
    }

    [Fact]
    public void A_batch_is_a_zip_that_others_read()
    {
        byte[][] contents = [.. Enumerable.Range(0, 1_000).Select(i => Encoding.ASCII.GetBytes(new string('x', i)))];
        using Frame frame = Frame.OfZip([.. contents.Select(content => (ReadOnlyMemory<byte>)content)]);
        using var archive = new ZipArchive(new MemoryStream(frame.ChunkToArray()));

        Assert.Equal(contents.Length, archive.Entries.Count);
        for (int i = 0; i < contents.Length; i++)
        {
            // Reading to the end checks the CRC too.
            using var copy = new MemoryStream();
            using Stream entry = archive.Entries[i].Open();
            entry.CopyTo(copy);
            Assert.Equal(contents[i], copy.ToArray());
        }
    }
}
