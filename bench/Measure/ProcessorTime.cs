using System.Globalization;

namespace ShitOps.Bench;

/// <summary>Processor time and memory of processes, as Linux tells them (proc(5)).</summary>
public static class ProcessorTime
{
    /// <summary>Clock ticks a second: sysconf(_SC_CLK_TCK) is 100 on every Linux of today.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>User and system time so far, in seconds.</summary>
    public static double Of(int process)
    {
        // The second field, the name in brackets, may hold spaces.
        string stat = File.ReadAllText($"/proc/{process}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>Resident memory in MiB.</summary>
    public static double MemoryOf(int process)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Bytes that it caused to be written to storage.</summary>
    public static long WrittenBy(int process) =>
        long.Parse(File.ReadLines($"/proc/{process}/io").First(l => l.StartsWith("write_bytes:", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
}
