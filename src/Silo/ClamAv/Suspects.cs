using System.Collections.Concurrent;
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

    private const int Remembered = 10_000;

    private readonly ConcurrentDictionary<Guid, int> _strikes = new();
    private readonly SemaphoreSlim _turn = new(1);

    public bool Contains(ScanItem item) => !_strikes.IsEmpty && _strikes.ContainsKey(KeyOf(item));

    /// <summary>Clamd broke off while it had these.</summary>
    public void Add(IEnumerable<ScanItem> items)
    {
        foreach (ScanItem item in items)
        {
            if (_strikes.Count < Remembered)
                _strikes.TryAdd(KeyOf(item), 0);
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
                    _strikes.TryRemove(key, out _);
                return answer;
            }
            if (_strikes.AddOrUpdate(key, 1, static (_, strikes) => strikes + 1) < Strikes)
                return answer;
            _strikes.TryRemove(key, out _);
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
