using System.Security.Cryptography;
using ShitOps.Grains.Scanning;

namespace ShitOps.Silo.ClamAv;

/// <summary>
/// Contents under which clamd broke off. One that crashes clamd would take its batch along for ever: so whatever was in
/// the batch is scanned alone the next time, one at a time, and what breaks clamd alone again and again is unscannable.
/// Nothing is remembered, and nothing is hashed, while clamd works.
/// </summary>
internal sealed class Suspects : IDisposable
{
    /// <summary>Alone, one at a time: another silo's suspect may have broken the same clamd, so once proves nothing.</summary>
    public const int Strikes = 3;

    /// <summary>The newest of them, half as many at the least: those that never come again must not keep out new ones.</summary>
    internal const int Remembered = 10_000;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _turn = new(1);
    /// <summary>By content: how often clamd broke off on it alone.</summary>
    private readonly Newest<Guid, int> _strikes = new(Remembered);
    private volatile bool _any;

    public bool Contains(ScanItem item)
    {
        if (!_any)
            return false;
        Guid key = KeyOf(item);
        lock (_lock)
            return _strikes.TryGet(key, out _);
    }

    /// <summary>Clamd broke off while it had these.</summary>
    public void Add(IEnumerable<ScanItem> items)
    {
        foreach (Guid key in items.Select(KeyOf))
            Strike(key, 0);
    }

    private int Strike(Guid key, int more)
    {
        lock (_lock)
        {
            int strikes = _strikes.TryGet(key, out int known) ? known + more : more;
            _strikes.Put(key, strikes);
            _any = true;
            return strikes;
        }
    }

    private void Forget(Guid key)
    {
        lock (_lock)
        {
            _strikes.Remove(key);
            _any = _strikes.Count > 0;
        }
    }

    /// <summary>Scans a suspect with no other suspect beside it.</summary>
    public async Task<ScanAnswer> ScanAsync(ScanItem item, Func<ScanItem, Task<ScanAnswer>> scan)
    {
        Guid key = KeyOf(item);
        await _turn.WaitAsync();
        try
        {
            ScanAnswer answer = await scan(item);
            if (!answer.Broke)
            {
                if (answer.Verdict.Kind != VerdictKind.Unavailable)
                    Forget(key);
                return answer;
            }
            if (Strike(key, 1) < Strikes)
                return answer;
            Forget(key);
            return new(new(VerdictKind.Unscannable, $"the scanner broke off on it {Strikes} times"), null);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private static Guid KeyOf(ScanItem item) => new(SHA256.HashData(item.Content.Span).AsSpan(0, 16));
}

/// <param name="Version">By what; null if nothing answered, or no signatures were needed.</param>
/// <param name="Broke">Clamd took the content and broke off, or went away over it.</param>
internal readonly record struct ScanAnswer(Verdict Verdict, ClamdVersion? Version, bool Broke = false);
