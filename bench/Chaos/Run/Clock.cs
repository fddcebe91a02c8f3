using System.Globalization;

namespace ShitOps.Chaos.Run;

/// <summary>
/// Sets the wall clock of single processes by libfaketime, which stands between them and the C library: the programs are
/// those that are shipped, without a hook for it. Monotonic time, which timers use, goes on as it is.
/// </summary>
internal sealed class Clock : IDisposable
{
    public const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
    private readonly TempFolder _folder = new();

    public Clock(int silos)
    {
        for (int silo = 0; silo < silos; silo++)
            Set(silo, TimeSpan.Zero);
    }

    public static bool IsPossible => File.Exists(Library);

    /// <summary>The environment of that silo.</summary>
    public IReadOnlyDictionary<string, string?> Settings(int silo) => new Dictionary<string, string?>
    {
        ["LD_PRELOAD"] = Library,
        ["FAKETIME_TIMESTAMP_FILE"] = PathOf(silo),
        ["FAKETIME_CACHE_DURATION"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        // Left to itself, the library (0.9.10) gives timed waits on monotonic time a moment long past: every timer's thread spins.
        ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
    };

    public void Set(int silo, TimeSpan ahead)
    {
        string file = PathOf(silo);
        File.WriteAllText(file + ".new", ahead.TotalSeconds.ToString("+0", CultureInfo.InvariantCulture));
        File.Move(file + ".new", file, overwrite: true);
    }

    public void Dispose() => _folder.Dispose();

    private string PathOf(int silo) => _folder.File(string.Create(CultureInfo.InvariantCulture, $"clock-{silo}"));
}
