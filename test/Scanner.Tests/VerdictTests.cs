using System.Text;
using ShitOps.Grains.Scanning;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Scanner.Tests;

public sealed class VerdictTests(ClamdFixture clamd)
{
    private static byte[] Innocent(int i) => Encoding.UTF8.GetBytes($"{{\"build\":{i},\"text\":\"all is well\"}}");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_content_of_a_batch_gets_its_own_verdict_in_order(bool tcp)
    {
        await using TestScanner scanner = await TestScanner.StartAsync(tcp ? clamd.Server.TcpEndpoint : clamd.Server.UnixEndpoint);

        byte[][] contents = [.. Enumerable.Range(0, 500).Select(Innocent)];
        contents[7] = Eicar.Plain;
        contents[250] = Eicar.EncryptedZip;
        contents[499] = Eicar.NestedZip;
        Verdict[] verdicts = await scanner.ScanAsync(contents);

        for (int i = 0; i < verdicts.Length; i++)
        {
            VerdictKind expected = i switch { 7 or 499 => VerdictKind.Infected, 250 => VerdictKind.Unscannable, _ => VerdictKind.Clean };
            Assert.True(expected == verdicts[i].Kind, $"{i}: {verdicts[i]}\n{clamd.Server.Output}");
        }
        Assert.StartsWith(Eicar.SignatureName, verdicts[7].Detail);
        Assert.StartsWith("Heuristics.Encrypted", verdicts[250].Detail);
    }

    [Fact]
    public async Task The_scanner_tells_engine_version_and_date_of_its_signatures()
    {
        await using TestScanner scanner = await TestScanner.StartAsync(clamd.Server.TcpEndpoint);

        Assert.Matches("^ClamAV [0-9.]+/27000/", scanner.Scanner.SignatureVersion);
        Assert.InRange(scanner.Scanner.SignatureDate!.Value, TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        Assert.True(scanner.Scanner.IsProduction);
    }
}
