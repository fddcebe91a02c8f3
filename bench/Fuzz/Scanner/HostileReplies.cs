using System.Globalization;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Fuzz.Scanner;

/// <summary>
/// What a hostile clamd says. It never says in proper words that an infected content is clean, nor that a clean one is
/// infected: whoever can say that is the scanner, and must be believed.
/// </summary>
internal sealed class HostileReplies(int seed)
{
    private readonly Random _random = new(seed);

    public async Task ReplyAsync(ScriptedScan scan)
    {
        string honest = $"{scan.Prefix}{scan.Honest}\0";
        switch (Next(16))
        {
            case 0: // truncated
                await scan.SendAsync(honest[..Next(honest.Length)]);
                scan.HangUp();
                break;
            case 1: // split
                foreach (char c in honest)
                    await scan.SendAsync(c.ToString());
                break;
            case 2: // late, so that answers pass each other
                await Task.Delay(TimeSpan.FromMilliseconds(Next(300)), TimeProvider.System);
                await scan.SendAsync(honest);
                break;
            case 3: // twice
                await scan.SendAsync(honest + honest);
                break;
            case 4: // without end
                await scan.SendAsync(new string('x', 1 + Next(200_000)));
                break;
            case 5: // any bytes
                await scan.SendAsync(Bytes(1 + Next(3000)));
                break;
            case 6: // any bytes, with ends among them
                await scan.SendAsync(Bytes(200).Replace('a', '\0'));
                break;
            case 7: // numbers that nobody gave
                await scan.SendAsync(string.Create(CultureInfo.InvariantCulture, $"{(long)Next(int.MaxValue) * (Next(3) - 1)}: stream: ERROR\0"));
                break;
            case 8: // a complaint
                await scan.SendAsync($"{scan.Prefix}{((string[])["INSTREAM size limit exceeded. ERROR", "Can't allocate memory ERROR", "COMMAND READ TIMED OUT ERROR", " ERROR", "ERROR"])[Next(5)]}\0");
                if (Next(2) == 0)
                    scan.HangUp();
                break;
            case 9: // silence
                if (Next(4) == 0)
                    break;
                scan.HangUp();
                break;
            case 10: // nearly right
                await scan.SendAsync($"{scan.Prefix}{((string[])["stream: ok", "stream: OK ", "stream:OK", "OK", "stream: OKstream: OK", "stream: FOUND", "stream:  FOUND"])[Next(7)]}\0");
                break;
            case 11: // two answers in one piece, the second of nobody
                await scan.SendAsync(honest + Bytes(20));
                break;
            default:
                await scan.SendAsync(honest);
                break;
        }
    }

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
