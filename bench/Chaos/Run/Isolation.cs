using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ShitOps.Chaos.Run;

/// <summary>
/// A network and a set of mounts of our own (unshare(1), as root): rules, ports and disks of a run are nobody else's, and
/// gone with the process, however it ends.
/// </summary>
internal static class Isolation
{
    private const string Mark = "SHITOPS_CHAOS_ISOLATED";

    public static bool IsInside => Environment.GetEnvironmentVariable(Mark) == "1";

    public static bool IsPossible => Environment.IsPrivilegedProcess && IsInstalled("unshare") && IsInstalled("nft");

    /// <summary>The same command once more, inside.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        string self = typeof(Isolation).Assembly.Location;
        var start = new ProcessStartInfo("unshare", ["--net", "--mount", "--", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh", "dotnet", self, .. args]);
        start.Environment[Mark] = "1";
        using Process inside = Process.Start(start)!;
        // A terminal tells both of a key; other signals are passed on. Unshared, but no other process: its number is the command's.
        Console.CancelKeyPress += (_, key) => key.Cancel = true;
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            using Process kill = Process.Start("kill", ["-TERM", inside.Id.ToString(CultureInfo.InvariantCulture)]);
            kill.WaitForExit();
        });
        await inside.WaitForExitAsync();
        return inside.ExitCode;
    }

    private static bool IsInstalled(string program) => ((string[])["/usr/bin", "/usr/sbin", "/bin", "/sbin"]).Any(folder => File.Exists(Path.Combine(folder, program)));
}
