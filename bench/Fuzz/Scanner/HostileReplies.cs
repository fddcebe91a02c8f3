using System.Collections.Concurrent;
using System.Globalization;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Fuzz.Scanner;

/// <summary>
/// What a hostile clamd says, one scan in four; to the others it is honest, so that what it breaks is a client that works.
/// It never says in proper words that an infected content is clean, nor that a clean one is infected: whoever can say that
/// is the scanner, and must be believed.
/// </summary>
internal sealed class HostileReplies(int seed)
{
    private static readonly Hostility[] Late = [.. Enum.GetValues<Hostility>().Where(kind => kind < Hostility.EarlyHangUp)];
    private static readonly Hostility[] Soon = [.. Enum.GetValues<Hostility>().Where(kind => kind >= Hostility.EarlyHangUp)];
    private readonly Random _random = new(seed);
    private readonly ConcurrentDictionary<Hostility, int> _met = new();
    private int _testsToBreak;

    /// <summary>How many found their scan under way: all read, no answer given, the client still there.</summary>
    public IReadOnlyDictionary<Hostility, int> Met => _met;

    /// <summary>The next scan of a self-test is answered like this too.</summary>
    public void BreakSelfTest() => Interlocked.Exchange(ref _testsToBreak, 1);

    public async Task ReplyAsync(ScriptedScan scan)
    {
        bool own = FuzzContent.IsIn(scan.Content);
        if (own ? Next(4) == 0 : Interlocked.Exchange(ref _testsToBreak, 0) == 1)
            await TryAsync(scan, Late[Next(Late.Length)]);
        else
            await scan.AnswerAsync();
    }

    public async Task InterruptAsync(ScriptedScan scan)
    {
        if (FuzzContent.IsIn(scan.Content) && Next(25) == 0)
            await TryAsync(scan, Soon[Next(Soon.Length)]);
    }

    private Task TryAsync(ScriptedScan scan, Hostility kind)
    {
        if (scan.IsOpen)
            _met.AddOrUpdate(kind, 1, (_, n) => n + 1);
        return SayAsync(scan, kind);
    }

    private async Task SayAsync(ScriptedScan scan, Hostility kind)
    {
        string honest = $"{scan.Prefix}{scan.Honest}\0";
        switch (kind)
        {
            case Hostility.Truncated:
                await scan.SendAsync(honest[..Next(honest.Length)]);
                scan.HangUp();
                break;
            case Hostility.Split:
                foreach (char c in honest)
                    await scan.SendAsync(c.ToString());
                break;
            case Hostility.Delayed:
                await Task.Delay(TimeSpan.FromMilliseconds(Next(300)), TimeProvider.System);
                await scan.SendAsync(honest);
                break;
            case Hostility.Twice:
                await scan.SendAsync(honest + honest);
                break;
            case Hostility.WithoutEnd:
                await scan.SendAsync(new string('x', 1 + Next(200_000)));
                break;
            case Hostility.Dripping:
                while (scan.IsOpen)
                {
                    await scan.SendAsync("x");
                    await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
                }
                break;
            case Hostility.AnyBytes or Hostility.EarlyBytes:
                await scan.SendAsync(Bytes(1 + Next(3000)));
                break;
            case Hostility.BytesWithEnds:
                await scan.SendAsync(Bytes(200).Replace('a', '\0'));
                break;
            case Hostility.NobodysNumber:
                await scan.SendAsync(string.Create(CultureInfo.InvariantCulture, $"{(long)Next(int.MaxValue) * (Next(3) - 1)}: stream: ERROR\0"));
                break;
            case Hostility.Complaint or Hostility.EarlyComplaint:
                await scan.SendAsync($"{scan.Prefix}{OneOf("INSTREAM size limit exceeded. ERROR", "Can't allocate memory ERROR", "COMMAND READ TIMED OUT ERROR", " ERROR", "ERROR")}\0");
                if (Next(2) == 0)
                    scan.HangUp();
                break;
            case Hostility.NearlyRight:
                await scan.SendAsync($"{scan.Prefix}{OneOf("stream: ok", "stream: OK ", "stream:OK", "OK", "stream: OKstream: OK", "stream: FOUND", "stream:  FOUND")}\0");
                break;
            case Hostility.MoreBehind:
                await scan.SendAsync(honest + Bytes(20));
                break;
            case Hostility.Silence:
                break;
            case Hostility.Reset or Hostility.EarlyReset:
                scan.Reset();
                break;
            case Hostility.HangUp or Hostility.EarlyHangUp:
                scan.HangUp();
                break;
        }
    }

    private string OneOf(params ReadOnlySpan<string> words) => words[Next(words.Length)];

    private int Next(int below)
    {
        lock (_random)
            return _random.Next(below);
    }

    private string Bytes(int count) => string.Create(count, this, static (text, self) =>
    {
        for (int i = 0; i < text.Length; i++)
            text[i] = (char)self.Next(256);
    });
}
