using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ShitOps.Grains.Scanning;
using ShitOps.Silo;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Fuzz.Scanner;

/// <summary>
/// The silo's scanner against a clamd that truncates, splits, interleaves, floods, lies in its framing and hangs up. It must
/// answer every scan in time, never call infected what is clean or clean what is infected, and work again afterwards.
/// </summary>
internal sealed class ScannerFuzz(int seed, TimeSpan time)
{
    private const int AtOnce = 6;
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<string, int> _outcomes = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private int _cases;

    public async Task<Findings> RunAsync(CancellationToken stop)
    {
        await using var clamd = new ScriptedClamd();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Antivirus:Endpoints:0"] = clamd.Endpoint,
            ["Antivirus:Timeout"] = "00:00:02",
            ["Antivirus:ProbeInterval"] = "00:00:00.2",
            ["Antivirus:ProbeTimeout"] = "00:00:01",
        });
        builder.Services.AddLogging(logs => logs.SetMinimumLevel(LogLevel.Critical));
        builder.Services.AddScanner(builder.Configuration, allowBuiltIn: false);
        using IHost host = builder.Build();
        await host.StartAsync(stop);
        IScanner scanner = host.Services.GetRequiredService<IScanner>();
        var hostile = new HostileReplies(seed);
        long start = Stopwatch.GetTimestamp();
        clamd.Script = hostile.ReplyAsync;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(start) < time && !stop.IsCancellationRequested)
                await TryAsync(scanner, Interlocked.Increment(ref _cases), stop);
        }));
        clamd.Script = scan => scan.AnswerAsync();
        await IsWellAsync(scanner);
        await host.StopAsync(stop);
        return new(_cases, _outcomes, [.. _faults]);
    }

    private async Task TryAsync(IScanner scanner, int number, CancellationToken stop)
    {
        var random = new Random((seed * 1_000_003) ^ (number * 104729));
        bool[] infected = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(6) == 0)];
        byte[][] contents = [.. infected.Select((bad, i) => Content(random, bad, number, i))];
        try
        {
            bool streamed = random.Next(5) == 0;
            Verdict[] verdicts = await (streamed ? StreamAsync(scanner, contents[0], random, stop) : ScanAsync(scanner, contents, stop)).WaitAsync(Hang, stop);
            for (int i = 0; i < verdicts.Length; i++)
                Judge(number, infected[i], verdicts[i]);
            // Between two scans of a scanner that is away nothing can be learned.
            if (verdicts.All(v => v.Kind == VerdictKind.Unavailable))
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (TimeoutException)
        {
            _faults.Enqueue(string.Create(CultureInfo.InvariantCulture, $"case {number}: no verdict within {Hang.TotalSeconds} s"));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            _faults.Enqueue($"case {number}: {error}");
        }
    }

    private void Judge(int number, bool infected, Verdict verdict)
    {
        _outcomes.AddOrUpdate($"{(infected ? "infected" : "clean")} → {verdict.Kind}", 1, (_, n) => n + 1);
        if (infected && verdict.Kind == VerdictKind.Clean)
            _faults.Enqueue($"case {number}: infected, and called clean");
        if (!infected && verdict.Kind == VerdictKind.Infected)
            _faults.Enqueue($"case {number}: clean, and called infected: {verdict.Detail}");
    }

    private static async Task<Verdict[]> ScanAsync(IScanner scanner, byte[][] contents, CancellationToken stop) =>
        (await scanner.ScanAsync([.. contents.Select(c => (ReadOnlyMemory<byte>)c)], stop)).Verdicts;

    private static async Task<Verdict[]> StreamAsync(IScanner scanner, byte[] content, Random random, CancellationToken stop)
    {
        await using IStreamScan scan = await scanner.OpenStreamAsync(stop);
        foreach (byte[] piece in content.Chunk(random.Next(1, 5000)))
            await scan.AppendAsync(piece, stop);
        return (await scan.CompleteAsync(stop)).Verdicts;
    }

    private static byte[] Content(Random random, bool infected, int number, int index)
    {
        byte[] content = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"content {number}-{index} {new string('x', random.Next(2) == 0 ? 20 : random.Next(20_000))}"));
        return infected ? [.. content, .. Eicar.Plain] : content;
    }

    private async Task IsWellAsync(IScanner scanner)
    {
        try
        {
            await Eventually.UntilAsync(
                async () => (await ScanAsync(scanner, ["after all"u8.ToArray(), Eicar.Plain], CancellationToken.None)).Select(v => v.Kind).ToArray(),
                kinds => kinds is [VerdictKind.Clean, VerdictKind.Infected], TimeSpan.FromSeconds(60), "an honest clamd is believed again");
        }
        catch (TimeoutException error)
        {
            _faults.Enqueue(error.Message);
        }
    }
}
