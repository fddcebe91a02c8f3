using System.Security.Cryptography;
using System.Text;
using CsCheck;
using ShitOps.Grains.Scanning;
using ShitOps.Silo.BuiltInScanner;
using ShitOps.TestKit;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Scanner.Tests;

public sealed class BuiltInScannerTests
{
    private static string? Find(string signatures, byte[] content, string file = "test.ndb")
    {
        var set = new SignatureSet();
        set.Read(file, new StringReader(signatures));
        Assert.Empty(set.Unsupported);
        return new SignatureMatcher(set).Find(content);
    }

    private static string Hex(string text) => Convert.ToHexString(Encoding.ASCII.GetBytes(text));

    [Fact]
    public async Task Without_an_endpoint_the_built_in_scanner_stands_in_and_says_that_it_is_no_production_scanner()
    {
        await using TestScanner scanner = await TestScanner.StartAsync();
        Assert.False(scanner.Scanner.IsProduction);
        Assert.Matches("^builtin/1/[0-9a-f]{8}$", scanner.Scanner.SignatureVersion);
        Verdict[] verdicts = await scanner.ScanAsync(Eicar.Plain, Eicar.Zip, Eicar.NestedZip, Eicar.EncryptedZip, "fine"u8.ToArray(), []);
        Assert.Equal(
            [VerdictKind.Infected, VerdictKind.Infected, VerdictKind.Infected, VerdictKind.Unscannable, VerdictKind.Clean, VerdictKind.Clean],
            verdicts.Select(verdict => verdict.Kind));
        Assert.Equal(VerdictKind.Infected, (await scanner.StreamAsync(Eicar.NestedZip, 5)).Kind);
        Assert.Equal(VerdictKind.Unscannable, (await scanner.StreamAsync(new byte[31 * 1024 * 1024], 50)).Kind);
    }

    [Fact]
    public async Task It_reads_a_folder_of_signatures_and_finds_the_test_files_that_they_cover()
    {
        byte[] program = await File.ReadAllBytesAsync("/usr/share/clamav-testfiles/clam.exe");
        byte[] archive = await File.ReadAllBytesAsync("/usr/share/clamav-testfiles/clam.zip");
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("a.hsb"), $"{Convert.ToHexString(SHA256.HashData(program))}:*:Test.Program\n");
        await File.WriteAllTextAsync(folder.File("notes.txt"), "no signatures");
        await using TestScanner scanner = await TestScanner.StartAsync(new Dictionary<string, string?> { ["Antivirus:SignaturesPath"] = folder.Path });

        Verdict[] verdicts = await scanner.ScanAsync(program, archive, [.. program, 0]);
        Assert.Equal([new(VerdictKind.Infected, "Test.Program"), new(VerdictKind.Infected, "Test.Program"), Verdict.Clean], verdicts);
        Assert.StartsWith("builtin/2/", scanner.Scanner.SignatureVersion);
    }

    [Theory]
    [InlineData("0", "wormtail", true)]
    [InlineData("0", " wormtail", false)]
    [InlineData("3", "...wormtail", true)]
    [InlineData("EOF-8", "anything wormtail", true)]
    [InlineData("EOF-9", "anything wormtail", false)]
    [InlineData("EOF-9", "wormtail.", true)]
    [InlineData("EOF-900", "wormtail", false)]
    [InlineData("*", "x wormtail x", true)]
    [InlineData("*", "wormtai", false)]
    [InlineData("*", "", false)]
    public void Offsets_are_kept(string offset, string content, bool found) =>
        Assert.Equal(found ? "W" : null, Find($"W:0:{offset}:{Hex("wormtail")}", Encoding.ASCII.GetBytes(content)));

    [Theory]
    [InlineData("616263??646566", "abcXdef", true)]
    [InlineData("616263??646566", "abcdef", false)]
    [InlineData("6?6263", "xabcx", true)]
    [InlineData("?1626364", "qbcd", true)]
    [InlineData("6162*6364", "ab then cd", true)]
    [InlineData("6162*6364", "cd then ab", false)]
    [InlineData("6162{3}6364", "ab123cd", true)]
    [InlineData("6162{3}6364", "ab12cd", false)]
    [InlineData("6162{1-3}6364", "ab12cd", true)]
    [InlineData("6162{1-3}6364", "abcd", false)]
    [InlineData("6162{-3}6364", "abcd", true)]
    [InlineData("6162{2-}6364", "ab1cd2cd", true)]
    [InlineData("6162*6364{1}6566", "abcd cd.ef", true)]
    [InlineData("6162*6364*6566", "ab cd cd ef", true)]
    [InlineData("6162{-9}??6364", "abXcd", true)]
    public void Wildcards_match(string pattern, string content, bool found) =>
        Assert.Equal(found ? "W" : null, Find($"W:0:*:{pattern}", Encoding.ASCII.GetBytes(content)));

    [Fact]
    public void A_pattern_without_wildcards_is_found_exactly_where_a_plain_search_finds_it() => Gen.Select(
        Gen.Byte[0, 2].Array[2, 5].Array[1, 5], Gen.Byte[0, 2].Array[0, 80]).Sample((patterns, content) =>
    {
        string signatures = string.Concat(patterns.Select((pattern, i) => $"S{i}:0:*:{Convert.ToHexString(pattern)}\n"));
        string? name = Find(signatures, content);
        return name is null
            ? patterns.All(pattern => content.AsSpan().IndexOf(pattern) < 0)
            : content.AsSpan().IndexOf(patterns[name[1] - '0']) >= 0;
    }, iter: 3_000);

    [Fact]
    public void Hashes_of_three_kinds_are_found_by_size_and_without()
    {
        byte[] content = "the content of a file"u8.ToArray();
#pragma warning disable CA5350, CA5351 // Signature files use them.
        string md5 = Convert.ToHexString(MD5.HashData(content)), sha1 = Convert.ToHexString(SHA1.HashData(content));
#pragma warning restore CA5350, CA5351
        Assert.Equal("M", Find($"{md5}:{content.Length}:M", content, "x.hdb"));
        Assert.Null(Find($"{md5}:{content.Length + 1}:M", content, "x.hdb"));
        Assert.Equal("S", Find($"{sha1}:*:S:73", content, "x.hsb"));
        Assert.Equal("L", Find($"{Convert.ToHexString(SHA256.HashData(content))}:*:L:73", content, "x.hsb"));
    }

    [Theory]
    [InlineData("x.ndb", "W:1:*:616263")]
    [InlineData("x.ndb", "W:0:EP+0:616263")]
    [InlineData("x.ndb", "W:0:*:61(62|63)64")]
    [InlineData("x.ndb", "W:0:*:61626")]
    [InlineData("x.ndb", "W:0:*:????")]
    [InlineData("x.ndb", "W:0:*:6162{x}6364")]
    [InlineData("x.ndb", "W:0:*:6162{5-3}6364")]
    [InlineData("x.ndb", "W:0:*:6162*")]
    [InlineData("x.ndb", "W:0:*")]
    [InlineData("x.hdb", "abc:1:W")]
    [InlineData("x.hdb", "0123456789abcdef0123456789abcdef:big:W")]
    [InlineData("x.hsb", "no signature at all")]
    public void A_line_that_is_not_supported_is_reported_with_its_place(string file, string line)
    {
        var set = new SignatureSet();
        set.Read(file, new StringReader($"# a comment\n\n{line}\n"));
        Assert.Equal((file, 3), set.Unsupported.Select(one => (one.File, one.Line)).Single());
        Assert.Equal(0, set.Count);
    }

    [Fact]
    public async Task Archives_that_are_damaged_too_deep_or_too_large_are_unscannable()
    {
        await using TestScanner scanner = await TestScanner.StartAsync();
        byte[] damaged = Eicar.ZipOf(("a", "something that is not very long"u8.ToArray()))[..^30];
        byte[] deep = Eicar.Plain;
        for (int i = 0; i <= ZipContents.MaxDepth; i++)
            deep = Eicar.ZipOf(("deeper.zip", deep));
        byte[] bomb = Eicar.ZipOf(("zeros", new byte[ZipContents.MaxInflated + 1]));
        byte[] many = Eicar.ZipOf([.. Enumerable.Range(0, ZipContents.MaxEntries + 1).Select(i => ($"{i}", Array.Empty<byte>()))]);
        Assert.All(await scanner.ScanAsync(damaged, deep, bomb, many), verdict => Assert.Equal(VerdictKind.Unscannable, verdict.Kind));
    }
}
