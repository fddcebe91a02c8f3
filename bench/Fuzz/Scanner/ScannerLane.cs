using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ShitOps.Grains.Scanning;
using ShitOps.Silo;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Fuzz.Scanner;

/// <summary>
/// One silo's scanner and its clamd, with several cases at once. A case is a few contents that are scanned until each has
/// its verdict, as a hub does. Several lanes: a clamd that says nothing for a while holds up its own lane only.
/// </summary>
internal sealed class ScannerLane(int seed, int lane) : IAsyncDisposable
{
    private const int AtOnce = 4;
    private const int Tries = 40;
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan NewSignatures = TimeSpan.FromSeconds(5);
    private readonly ScriptedClamd _clamd = new();
    private readonly HostileReplies _hostile = new((seed * 31) + lane);
    private readonly ConcurrentDictionary<string, int> _outcomes = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private int _cases;

    public int Cases => _cases;

    public IEnumerable<string> Faults => _faults;

    public IEnumerable<KeyValuePair<string, int>> Outcomes =>
        [.. _outcomes, .. _hostile.Met.Select(met => KeyValuePair.Create(ScannerFuzz.Met(met.Key), met.Value))];

    /// <param name="end">Cancelled when the time is over.</param>
    public async Task RunAsync(CancellationToken end)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Antivirus:Endpoints:0"] = _clamd.Endpoint,
            ["Antivirus:Timeout"] = "00:00:01",
            ["Antivirus:ProbeInterval"] = "00:00:00.2",
            ["Antivirus:ProbeTimeout"] = "00:00:02",
        });
        builder.Services.AddLogging(logs => logs.SetMinimumLevel(LogLevel.Critical));
        builder.Services.AddScanner(builder.Configuration, allowBuiltIn: false);
        using IHost host = builder.Build();
        await host.StartAsync(CancellationToken.None);
        IScanner scanner = host.Services.GetRequiredService<IScanner>();
        _clamd.Script = _hostile.ReplyAsync;
        _clamd.Early = _hostile.InterruptAsync;
        await Task.WhenAll([ChangeSignaturesAsync(end), .. Enumerable.Range(0, AtOnce).Select(_ => CasesAsync(scanner, end))]);
        _clamd.Script = scan => scan.AnswerAsync();
        _clamd.Early = _ => Task.CompletedTask;
        await IsWellAsync(scanner);
        await host.StopAsync(CancellationToken.None);
    }

    private async Task CasesAsync(IScanner scanner, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            int number = Interlocked.Increment(ref _cases);
            try
            {
                await TryAsync(scanner, number, end);
            }
            catch (TimeoutException)
            {
                _faults.Enqueue(string.Create(CultureInfo.InvariantCulture, $"lane {lane}, case {number}: no answer within {Hang.TotalSeconds} s"));
            }
            catch (Exception error)
            {
                _faults.Enqueue($"lane {lane}, case {number}: {error}");
            }
        }
    }

    private async Task TryAsync(IScanner scanner, int number, CancellationToken end)
    {
        var random = new Random((seed * 1_000_003) ^ (number * 104729) ^ (lane << 24));
        bool streamed = random.Next(5) == 0;
        var open = Enumerable.Range(0, streamed ? 1 : random.Next(1, 12)).Select(i => (Infected: random.Next(6) == 0, Name: $"{lane}-{number}-{i}"))
            .Select(one => (one.Infected, Content: FuzzContent.Make(random, one.Infected, one.Name))).ToList();
        Count(ScannerFuzz.Contents, open.Count);
        for (int attempt = 0; attempt < Tries && open.Count > 0 && !end.IsCancellationRequested; attempt++)
        {
            Verdict[] verdicts = await (streamed ? StreamAsync(scanner, open[0].Content, random) : ScanAsync(scanner, open.Select(one => one.Content))).WaitAsync(Hang, CancellationToken.None);
            for (int i = 0; i < verdicts.Length; i++)
                Judge(number, open[i].Infected, verdicts[i]);
            int before = open.Count;
            open = [.. open.Where((_, i) => verdicts[i].Kind == VerdictKind.Unavailable)];
            Count(ScannerFuzz.WithVerdict, before - open.Count);
            if (open.Count == before)
                await Task.Delay(Pause, TimeProvider.System, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Judge(int number, bool infected, Verdict verdict)
    {
        Count($"{(infected ? "infected" : "clean")} → {verdict.Kind}", 1);
        if (infected && verdict.Kind == VerdictKind.Clean)
            _faults.Enqueue($"lane {lane}, case {number}: infected, and called clean");
        if (!infected && verdict.Kind == VerdictKind.Infected)
            _faults.Enqueue($"lane {lane}, case {number}: clean, and called infected: {verdict.Detail}");
    }

    private void Count(string outcome, int count) => _outcomes.AddOrUpdate(outcome, count, (_, n) => n + count);

    /// <summary>New signatures make the client test its scanner again; in one test of three it is answered like anything else.</summary>
    private async Task ChangeSignaturesAsync(CancellationToken end)
    {
        var random = new Random(seed ^ lane);
        for (int version = 2; !end.IsCancellationRequested; version++)
        {
            await Task.Delay(NewSignatures, TimeProvider.System, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (random.Next(3) == 0)
                _hostile.BreakSelfTest();
            _clamd.Version = string.Create(CultureInfo.InvariantCulture, $"ClamAV 9.9.9/{version}/Mon Nov 23 00:00:00 2026");
        }
    }

    private static async Task<Verdict[]> ScanAsync(IScanner scanner, IEnumerable<byte[]> contents) =>
        (await scanner.ScanAsync([.. contents.Select(c => (ReadOnlyMemory<byte>)c)])).Verdicts;

    private static async Task<Verdict[]> StreamAsync(IScanner scanner, byte[] content, Random random)
    {
        await using IStreamScan scan = await scanner.OpenStreamAsync();
        foreach (byte[] piece in content.Chunk(random.Next(1, 5000) * (content.Length > 100_000 ? 100 : 1)))
            await scan.AppendAsync(piece);
        return (await scan.CompleteAsync()).Verdicts;
    }

    private async Task IsWellAsync(IScanner scanner)
    {
        try
        {
            await Eventually.UntilAsync(
                async () => (await ScanAsync(scanner, ["after all"u8.ToArray(), Eicar.Plain])).Select(v => v.Kind).ToArray(),
                kinds => kinds is [VerdictKind.Clean, VerdictKind.Infected], TimeSpan.FromSeconds(60), "an honest clamd is believed again");
        }
        catch (TimeoutException error)
        {
            _faults.Enqueue(error.Message);
        }
    }

    public ValueTask DisposeAsync() => _clamd.DisposeAsync();
}
