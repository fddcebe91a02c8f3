using System.Text;
using ShitOps.Grains.Scanning;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Scanner.Tests;

public sealed class HostileReplyTests(ClamdFixture clamd)
{
    private static readonly byte[] Innocent = "nothing to be found in here"u8.ToArray();
    private static readonly Dictionary<string, string?> Fast = new() { ["Antivirus:Timeout"] = "00:00:02" };

    /// <summary>{0} stands for the number in front of the reply.</summary>
    public static TheoryData<string> Replies => [
        "stream: OK\0",
        "{0}stream: OK",
        "{0}stream: ok\0",
        "{0}stream: OK \0",
        "{0}stream: OKstream: OK\0",
        "{0}stream: FOUND\0",
        "{0} FOUND\0",
        "{0}OK\0",
        "{0}PONG\0",
        "{0}\0",
        "\0",
        "99: stream: OK\0",
        "0: stream: OK\0",
        "-1: stream: OK\0",
        "+{0}stream: OK\0",
        "99999999999999999999: stream: OK\0",
        "{0}stream: OK\n\0",
        "{0}stream: \u00fc FOUND\0",
        "HTTP/1.1 200 OK\r\n\r\n",
        "{0}stream: Can't allocate memory ERROR\0",
    ];

    [Theory]
    [MemberData(nameof(Replies))]
    public async Task Nonsense_is_never_clean(string reply)
    {
        await using var scripted = new ScriptedClamd();
        await using TestScanner scanner = await TestScanner.StartAsync(Fast, scripted.Endpoint);
        scripted.Script = async scan =>
        {
            await scan.SendAsync(reply.Replace("{0}", scan.Prefix, StringComparison.Ordinal));
            scan.HangUp();
        };

        Verdict[] verdicts = await scanner.ScanAsync(Innocent, [.. Innocent, 1]);
        Assert.All(verdicts, verdict => Assert.Equal(VerdictKind.Unavailable, verdict.Kind));
        // Without a session there is no number, and a stream whose prefix is empty may read as honest.
        if (!reply.StartsWith("{0}stream: OK\0", StringComparison.Ordinal) && reply != "stream: OK\0")
            Assert.NotEqual(VerdictKind.Clean, (await scanner.StreamAsync(Innocent, 2)).Kind);
    }

    [Fact]
    public async Task A_reply_without_end_is_not_waited_for()
    {
        await using var scripted = new ScriptedClamd();
        await using TestScanner scanner = await TestScanner.StartAsync(scripted.Endpoint);
        scripted.Script = scan => scan.SendAsync(new string('x', 100_000));

        Assert.Equal(VerdictKind.Unavailable, (await scanner.ScanAsync(Innocent))[0].Kind);
        Assert.Equal(VerdictKind.Unavailable, (await scanner.StreamAsync(Innocent, 2)).Kind);
    }

    [Fact]
    public async Task A_content_that_breaks_the_scanner_takes_its_batch_along_once_and_is_unscannable_in_the_end()
    {
        byte[] deadly = "the content that clamd dies of"u8.ToArray();
        await using var scripted = new ScriptedClamd();
        await using TestScanner scanner = await TestScanner.StartAsync(Fast, scripted.Endpoint);
        scripted.Script = async scan =>
        {
            if (scan.Content.AsSpan().IndexOf(deadly) >= 0)
                scan.HangUp();
            else
                await scan.AnswerAsync();
        };

        byte[][] batch = [[.. Innocent, 1], deadly, [.. Innocent, 2]];
        Assert.All(await scanner.ScanAsync(batch), verdict => Assert.Equal(VerdictKind.Unavailable, verdict.Kind));
        Verdict[] verdicts = await scanner.ScanAsync(batch);
        Assert.Equal([VerdictKind.Clean, VerdictKind.Unavailable, VerdictKind.Clean], verdicts.Select(v => v.Kind));
        Assert.Equal(VerdictKind.Unavailable, (await scanner.ScanAsync(batch))[1].Kind);
        Assert.Equal(VerdictKind.Unscannable, (await scanner.ScanAsync(batch))[1].Kind);
        // Nothing is held against those that were only near it.
        Assert.Equal(VerdictKind.Clean, (await scanner.ScanAsync([batch[0], batch[2]]))[1].Kind);
    }

    [Fact]
    public async Task No_answer_within_the_time_is_unavailable()
    {
        await using var scripted = new ScriptedClamd();
        await using TestScanner scanner = await TestScanner.StartAsync(Fast, scripted.Endpoint);
        scripted.Script = _ => Task.CompletedTask;

        Assert.Equal(VerdictKind.Unavailable, (await scanner.ScanAsync(Innocent))[0].Kind);
    }

    [Fact]
    public async Task Contents_whose_scanner_talks_nonsense_are_scanned_by_the_other()
    {
        await using var scripted = new ScriptedClamd();
        await using TestScanner scanner = await TestScanner.StartAsync(scripted.Endpoint, clamd.Server.TcpEndpoint);
        scripted.Script = async scan =>
        {
            await scan.SendAsync($"{scan.Prefix}stream: O");
            scan.HangUp();
        };

        for (int i = 0; i < 10; i++)
        {
            Verdict[] verdicts = await scanner.ScanAsync(Innocent, Eicar.Plain, Encoding.ASCII.GetBytes($"content {i}"));
            Assert.Equal([VerdictKind.Clean, VerdictKind.Infected, VerdictKind.Clean], verdicts.Select(verdict => verdict.Kind));
        }
    }

    [Fact]
    public async Task Answers_out_of_order_and_byte_by_byte_go_to_whom_they_belong()
    {
        await using var scripted = new ScriptedClamd();
        await using TestScanner scanner = await TestScanner.StartAsync(scripted.Endpoint);
        var gathered = new List<ScriptedScan>();
        // The batch is told to be dirty, so that each of the three is asked alone; then all are answered backwards.
        scripted.Script = async scan =>
        {
            if (scan.IsBatch)
            {
                await scan.AnswerAsync();
                return;
            }
            lock (gathered)
            {
                gathered.Add(scan);
                if (gathered.Count < 3)
                    return;
            }
            foreach (ScriptedScan late in Enumerable.Reverse(gathered))
            {
                foreach (char c in $"{late.Prefix}{late.Honest}\0")
                    await late.SendAsync(c.ToString());
            }
        };

        Verdict[] verdicts = await scanner.ScanAsync("the first one"u8.ToArray(), Eicar.Plain, "the third one"u8.ToArray());
        Assert.Equal([VerdictKind.Clean, VerdictKind.Infected, VerdictKind.Clean], verdicts.Select(verdict => verdict.Kind));
    }

    [Fact]
    public async Task A_scanner_that_is_blind_in_batches_is_asked_one_by_one()
    {
        await using var scripted = new ScriptedClamd();
        scripted.Script = scan => scan.SendAsync($"{scan.Prefix}{(scan.IsBatch ? "stream: OK" : scan.Honest)}\0");
        await using TestScanner scanner = await TestScanner.StartAsync(scripted.Endpoint);

        Verdict[] verdicts = await scanner.ScanAsync(Innocent, Eicar.Plain);
        Assert.Equal([VerdictKind.Clean, VerdictKind.Infected], verdicts.Select(verdict => verdict.Kind));
    }

    [Theory]
    [InlineData("EICAR")]
    [InlineData("Encrypted")]
    [InlineData("Limits")]
    public async Task A_scanner_that_fails_its_self_test_is_not_used(string missed)
    {
        await using var scripted = new ScriptedClamd();
        scripted.Script = scan => scan.SendAsync($"{scan.Prefix}{(scan.Honest.Contains(missed, StringComparison.OrdinalIgnoreCase) ? "stream: OK" : scan.Honest)}\0");
        await using TestScanner scanner = await TestScanner.StartAsync(scripted.Endpoint);

        Assert.Null(scanner.Scanner.SignatureVersion);
        Assert.Equal(VerdictKind.Unavailable, (await scanner.ScanAsync(Innocent))[0].Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SSH-2.0-OpenSSH_9.2")]
    [InlineData("ClamAV \u0001")]
    public async Task Another_server_at_the_port_is_not_taken_for_a_scanner(string version)
    {
        await using var scripted = new ScriptedClamd { Version = version };
        await using TestScanner scanner = await TestScanner.StartAsync(scripted.Endpoint);

        Assert.Null(scanner.Scanner.SignatureVersion);
    }

    [Fact]
    public async Task A_scanner_whose_new_signatures_find_nothing_is_not_used_any_more()
    {
        await using var scripted = new ScriptedClamd();
        await using TestScanner scanner = await TestScanner.StartAsync(scripted.Endpoint);
        scripted.Script = scan => scan.SendAsync($"{scan.Prefix}stream: OK\0");
        scripted.Version = "ClamAV 9.9.9/2/Mon Nov 23 00:00:00 2026";

        await scanner.UntilAsync(version => version is null);
        Assert.Equal(VerdictKind.Unavailable, (await scanner.ScanAsync(Innocent))[0].Kind);
    }
}
