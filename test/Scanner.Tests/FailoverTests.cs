using System.Diagnostics;
using System.Text;
using ShitOps.Grains.Scanning;
using ShitOps.Silo.ClamAv;
using ShitOps.TestKit.Clamd;
using ShitOps.TestKit.Databases;

namespace ShitOps.Scanner.Tests;

public sealed class FailoverTests
{
    private static readonly byte[] Innocent = "nothing to be found in here"u8.ToArray();

    private static byte[][] Batch(int round) =>
        [.. Enumerable.Range(0, 300).Select(i => i == 150 ? Eicar.Plain : Encoding.ASCII.GetBytes($"content {round}/{i}: {new string('a', 500)}"))];

    [Fact]
    public async Task A_stopped_clamd_is_unavailable_and_used_again_when_it_is_back()
    {
        await using ClamdServer clamd = await ClamdServer.StartAsync();
        await using TestScanner scanner = await TestScanner.StartAsync(clamd.TcpEndpoint);
        Assert.Equal(VerdictKind.Clean, (await scanner.ScanAsync(Innocent))[0].Kind);

        await clamd.StopAsync();
        Assert.Equal(VerdictKind.Unavailable, (await scanner.ScanAsync(Innocent))[0].Kind);
        Assert.Equal(VerdictKind.Unavailable, (await scanner.StreamAsync(Innocent, 3)).Kind);
        Assert.Null(scanner.Scanner.SignatureVersion);

        await clamd.RestartAsync();
        await scanner.UntilAsync(version => version is not null);
        Assert.Equal(VerdictKind.Clean, (await scanner.ScanAsync(Innocent))[0].Kind);
    }

    /// <summary>
    /// The proxy accepts and hangs up, so each content seemed to break clamd off: between two probes it did so three times,
    /// and went to quarantine (seed 130 of the campaign).
    /// </summary>
    [Fact]
    public async Task A_clamd_that_is_gone_behind_a_proxy_makes_no_content_unscannable()
    {
        await using ClamdServer clamd = await ClamdServer.StartAsync();
        await using var proxy = new TcpProxy(clamd.Port);
        // No probe finds out before the contents do.
        await using TestScanner scanner = await TestScanner.StartAsync(new Dictionary<string, string?> { ["Antivirus:ProbeInterval"] = "00:00:30" }, $"tcp://127.0.0.1:{proxy.Port}");
        Assert.Equal(VerdictKind.Clean, (await scanner.ScanAsync(Innocent))[0].Kind);

        await clamd.KillAsync();
        byte[] other = [.. Innocent, 1];
        for (int i = 0; i < 4 * Suspects.Strikes; i++)
            Assert.All(await scanner.ScanAsync(Innocent, other), verdict => Assert.Equal(VerdictKind.Unavailable, verdict.Kind));

        await clamd.RestartAsync();
        Assert.All(await scanner.ScanAsync(Innocent, other), verdict => Assert.Equal(VerdictKind.Clean, verdict.Kind));
    }

    [Fact]
    public async Task A_hanging_clamd_is_noticed_within_ten_seconds_and_never_means_clean()
    {
        await using ClamdServer clamd = await ClamdServer.StartAsync();
        await using TestScanner scanner = await TestScanner.StartAsync(clamd.TcpEndpoint);
        await using IStreamScan stream = await scanner.Scanner.OpenStreamAsync();
        await stream.AppendAsync(Innocent);

        clamd.Freeze();
        long start = Stopwatch.GetTimestamp();
        Verdict[] verdicts = await scanner.ScanAsync(Innocent, Eicar.Plain);
        ScanReport streamed = await stream.CompleteAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.All([.. verdicts, .. streamed.Verdicts], verdict => Assert.Equal(VerdictKind.Unavailable, verdict.Kind));

        clamd.Resume();
        await scanner.UntilAsync(version => version is not null);
        Assert.Equal([VerdictKind.Clean, VerdictKind.Infected], (await scanner.ScanAsync(Innocent, Eicar.Plain)).Select(verdict => verdict.Kind));
    }

    [Fact]
    public async Task A_clamd_killed_amid_batches_calls_nothing_clean_that_it_has_not_seen()
    {
        await using ClamdServer clamd = await ClamdServer.StartAsync();
        await using TestScanner scanner = await TestScanner.StartAsync(clamd.UnixEndpoint);

        Task<Verdict[]>[] scans = [.. Enumerable.Range(0, 40).Select(round => scanner.ScanAsync(Batch(round)))];
        await scans[0];
        await clamd.KillAsync();

        Verdict[][] all = await Task.WhenAll(scans);
        Assert.All(all, verdicts => Assert.True(verdicts[150].Kind is VerdictKind.Infected or VerdictKind.Unavailable));
        Assert.Contains(all, verdicts => verdicts.Any(verdict => verdict.Kind == VerdictKind.Unavailable));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_two_clamds_one_may_die_or_hang_and_every_verdict_is_still_right(bool dies)
    {
        await using ClamdServer first = await ClamdServer.StartAsync();
        await using ClamdServer second = await ClamdServer.StartAsync();
        await using TestScanner scanner = await TestScanner.StartAsync(first.TcpEndpoint, second.UnixEndpoint);

        Task<Verdict[]>[] scans = [.. Enumerable.Range(0, 20).Select(round => scanner.ScanAsync(Batch(round)))];
        await scans[0];
        if (dies)
            await first.KillAsync();
        else
            first.Freeze();

        foreach (Verdict[] verdicts in await Task.WhenAll(scans))
        {
            for (int i = 0; i < verdicts.Length; i++)
                Assert.Equal(i == 150 ? VerdictKind.Infected : VerdictKind.Clean, verdicts[i].Kind);
        }
        Assert.NotNull(scanner.Scanner.SignatureVersion);
    }

    [Fact]
    public async Task New_signatures_change_the_version_and_find_what_the_old_did_not()
    {
        byte[] novel = Encoding.ASCII.GetBytes("a novel thing: wriggling-worm-0815");
        await using ClamdServer clamd = await ClamdServer.StartAsync();
        await using TestScanner scanner = await TestScanner.StartAsync(clamd.TcpEndpoint);
        MessageContent message = TestMessages.Bytes(novel);
        MessageVerdict before = (await scanner.Messages.ScanAsync([message]))[0];
        Assert.Equal(VerdictKind.Clean, before.Verdict.Kind);
        Assert.True((await scanner.Messages.ScanAsync([message]))[0].Cached);

        await clamd.UpdateSignaturesAsync(27_001, ("Worm.Novel", Encoding.ASCII.GetBytes("wriggling-worm-0815")));
        await scanner.UntilAsync(version => version is not null && version.Contains("/27001/", StringComparison.Ordinal));

        Assert.False(scanner.Messages.IsCurrent(before.SignatureVersion!));
        MessageVerdict after = (await scanner.Messages.ScanAsync([message]))[0];
        Assert.Equal(VerdictKind.Infected, after.Verdict.Kind);
        Assert.StartsWith("Worm.Novel", after.Verdict.Detail);
        Assert.True(scanner.Messages.IsCurrent(after.SignatureVersion!));
    }

    [Fact]
    public async Task A_session_that_clamd_closed_for_idleness_is_opened_anew_unnoticed()
    {
        await using ClamdServer clamd = await ClamdServer.StartAsync(new Dictionary<string, string?> { ["IdleTimeout"] = "1" });
        await using TestScanner scanner = await TestScanner.StartAsync(clamd.TcpEndpoint);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal([VerdictKind.Clean, VerdictKind.Infected], (await scanner.ScanAsync(Innocent, Eicar.Plain)).Select(verdict => verdict.Kind));
            await Task.Delay(TimeSpan.FromSeconds(1.5), TimeProvider.System);
        }
    }

    [Fact]
    public async Task A_scanner_that_starts_before_its_clamd_uses_it_when_it_comes()
    {
        await using ClamdServer clamd = await ClamdServer.StartAsync();
        await clamd.StopAsync();
        await using TestScanner scanner = await TestScanner.StartAsync(clamd.UnixEndpoint);
        Assert.Null(scanner.Scanner.SignatureVersion);

        await clamd.RestartAsync();
        await scanner.UntilAsync(version => version is not null);
        Assert.Equal(VerdictKind.Clean, (await scanner.ScanAsync(Innocent))[0].Kind);
    }
}
