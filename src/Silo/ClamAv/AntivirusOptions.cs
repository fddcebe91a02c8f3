using Microsoft.Extensions.Options;

namespace ShitOps.Silo.ClamAv;

/// <summary>Section <c>Antivirus</c>. Sizes in bytes; durations as <c>hh:mm:ss</c>.</summary>
public sealed class AntivirusOptions
{
    public const string Section = "Antivirus";

    /// <summary><c>tcp://host:port</c> or <c>unix:///path</c> of each clamd. None: the built-in scanner, where that is allowed.</summary>
    public List<string> Endpoints { get; set; } = [];

    /// <summary>How long one scan may take before the scanner counts as away. Default 30 s, 1 s to 5 min.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often each clamd is asked for its version, which is also how a hang is noticed. Default 1 s, 100 ms to 1 min.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a probe, or a connection being opened, may take. Default 4 s, 100 ms to 1 min.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Contents in one batch. Default 1,000, 1 (no batches) to 1,000; far below MaxFiles of clamd.conf.</summary>
    public int BatchEntries { get; set; } = 1_000;

    /// <summary>Bytes in one batch. Default 4 MiB, 64 KiB to 16 MiB; far below StreamMaxLength and MaxScanSize of clamd.conf.</summary>
    public int BatchBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>A larger content is unscannable. Default 30 MiB, 1 MiB to 1 GiB; not above StreamMaxLength of clamd.conf.</summary>
    public int MaxContentBytes { get; set; } = 30 * 1024 * 1024;

    /// <summary>Clean verdicts remembered, about 60 bytes each. Default 200,000, 1,000 to 10,000,000.</summary>
    public int CacheEntries { get; set; } = Grains.Scanning.VerdictCache.DefaultCapacity;

    /// <summary>A folder with .hdb, .hsb and .ndb files for the built-in scanner, in addition to its own.</summary>
    public string? SignaturesPath { get; set; }
}

/// <summary>Names every fault at once.</summary>
internal sealed class AntivirusOptionsValidator(bool allowBuiltIn) : IValidateOptions<AntivirusOptions>
{
    public ValidateOptionsResult Validate(string? name, AntivirusOptions options)
    {
        var faults = new List<string>();
        if (options.Endpoints.Count == 0 && !allowBuiltIn)
            faults.Add("Antivirus:Endpoints: name at least one clamd, as in Antivirus__Endpoints__0=tcp://localhost:3310");
        for (int i = 0; i < options.Endpoints.Count; i++)
        {
            if (!ClamdAddress.TryParse(options.Endpoints[i], out _))
                faults.Add($"Antivirus:Endpoints:{i}: \"{options.Endpoints[i]}\" is neither tcp://host:port nor unix:///path");
        }
        Range(faults, nameof(options.Timeout), options.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        Range(faults, nameof(options.ProbeInterval), options.ProbeInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        Range(faults, nameof(options.ProbeTimeout), options.ProbeTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        Range(faults, nameof(options.BatchEntries), options.BatchEntries, 1, 1_000);
        Range(faults, nameof(options.BatchBytes), options.BatchBytes, 64 * 1024, 16 * 1024 * 1024);
        Range(faults, nameof(options.MaxContentBytes), options.MaxContentBytes, 1024 * 1024, 1024 * 1024 * 1024);
        Range(faults, nameof(options.CacheEntries), options.CacheEntries, 1_000, 10_000_000);
        if (options.SignaturesPath is { } path && !Directory.Exists(path))
            faults.Add($"Antivirus:SignaturesPath: there is no folder \"{path}\"");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void Range<T>(List<string> faults, string key, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            faults.Add($"Antivirus:{key}: {value} is not between {least} and {most}");
    }
}
