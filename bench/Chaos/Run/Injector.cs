using System.Globalization;
using ShitOps.Chaos.Plan;
using ShitOps.TestKit.Databases;

namespace ShitOps.Chaos.Run;

/// <summary>Does to a cluster what a fault says, and undoes it.</summary>
internal sealed class Injector(ShitOpsCluster cluster, Network? network, Disk? disk, Clock? clock)
{
    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(150);
    private readonly HashSet<ProgramUnderTest> _down = [];
    private int _signatures = 27_000;

    /// <summary>Ends with the fault.</summary>
    public async Task RunAsync(Fault fault, CancellationToken stop)
    {
        switch (fault.Kind)
        {
            case FaultKind.KillSilo or FaultKind.StopSilo:
                await DownAsync([cluster.Silos[fault.Target]], fault.Kind == FaultKind.KillSilo ? Signals.Kill : Signals.Terminate, fault, stop);
                break;
            case FaultKind.KillGateway or FaultKind.StopGateway:
                await DownAsync([cluster.Gateways[fault.Target]], fault.Kind == FaultKind.KillGateway ? Signals.Kill : Signals.Terminate, fault, stop);
                break;
            case FaultKind.KillAllSilos:
                await DownAsync(cluster.Silos, Signals.Kill, fault, stop);
                break;
            case FaultKind.KillDatabase:
                IsDatabaseDown = true;
                await cluster.Database.StopAsync(Signals.Kill);
                await LastAsync(fault, stop);
                await cluster.Database.StartAsync();
                IsDatabaseDown = false;
                break;
            case FaultKind.KillScanner:
                await cluster.Clamd.StopAsync(Signals.Kill);
                await LastAsync(fault, stop);
                await cluster.Clamd.StartAsync();
                break;
            case FaultKind.FreezeSilo:
                await FreezeAsync(cluster.Silos[fault.Target].Signal, fault, stop);
                break;
            case FaultKind.FreezeGateway:
                await FreezeAsync(cluster.Gateways[fault.Target].Signal, fault, stop);
                break;
            case FaultKind.FreezeDatabase:
                await FreezeAsync(cluster.Database.Signal, fault, stop);
                break;
            case FaultKind.FreezeScanner:
                await FreezeAsync(cluster.Clamd.Signal, fault, stop);
                break;
            case FaultKind.ReloadScanner:
                await cluster.Clamd.ReloadAsync(++_signatures);
                break;
            case FaultKind.PartSilos:
                await Needed(network, fault).PartAsync(cluster.SiloPorts);
                await LastAsync(fault, stop);
                await Needed(network, fault).JoinAsync();
                break;
            case FaultKind.FillDisk:
                // A server may end when it cannot write, and must not be started before it can.
                IsDatabaseDown = true;
                Needed(disk, fault).Fill();
                await LastAsync(fault, stop);
                Needed(disk, fault).Free();
                IsDatabaseDown = false;
                break;
            case FaultKind.JumpClock:
                Needed(clock, fault).Set(fault.Target, TimeSpan.FromMinutes(5));
                await LastAsync(fault, stop);
                Needed(clock, fault).Set(fault.Target, TimeSpan.Zero);
                break;
            default:
                await DisturbAsync(fault, stop);
                break;
        }
    }

    /// <summary>The database need not run now.</summary>
    public bool IsDatabaseDown { get; private set; }

    /// <summary>True while somebody means it not to run.</summary>
    public bool IsDown(ProgramUnderTest program)
    {
        lock (_down)
            return _down.Contains(program);
    }

    private async Task DownAsync(IReadOnlyList<ProgramUnderTest> programs, int signal, Fault fault, CancellationToken stop)
    {
        lock (_down)
            _down.UnionWith(programs);
        await Task.WhenAll(programs.Select(p => p.StopAsync(signal)));
        await LastAsync(fault, stop);
        foreach (ProgramUnderTest program in programs)
            program.Start();
        lock (_down)
            _down.ExceptWith(programs);
    }

    private static async Task FreezeAsync(Action<int> signal, Fault fault, CancellationToken stop)
    {
        signal(Signals.Stop);
        await LastAsync(fault, stop);
        signal(Signals.Continue);
    }

    /// <summary>What is done at a proxy.</summary>
    private async Task DisturbAsync(Fault fault, CancellationToken stop)
    {
        TcpProxy database = cluster.DatabaseProxies[fault.Target], scanner = cluster.ScannerProxies[fault.Target];
        switch (fault.Kind)
        {
            case FaultKind.CutCommits:
                await AgainAsync(() => database.CutAnswerTo("COMMIT"), fault, stop);
                break;
            case FaultKind.CutDatabase:
                await AgainAsync(database.CutAll, fault, stop);
                break;
            case FaultKind.CutScanner:
                await AgainAsync(scanner.CutAll, fault, stop);
                break;
            case FaultKind.SlowDatabase or FaultKind.SlowScanner:
                TcpProxy slow = fault.Kind == FaultKind.SlowDatabase ? database : scanner;
                slow.Delay = TimeSpan.FromMilliseconds(100 + (300 * (fault.Lasts.TotalMilliseconds % 7)));
                await LastAsync(fault, stop);
                slow.Delay = TimeSpan.Zero;
                break;
            case FaultKind.SilentDatabase or FaultKind.SilentScanner:
                TcpProxy silent = fault.Kind == FaultKind.SilentDatabase ? database : scanner;
                silent.FallSilent();
                await LastAsync(fault, stop);
                silent.Speak();
                break;
            case FaultKind.GarbledScanner:
                var random = new Random((int)fault.At.TotalMilliseconds);
                scanner.Garble = bytes => Garble(bytes.Span, random);
                await LastAsync(fault, stop);
                scanner.Garble = null;
                break;
            default:
                throw new InvalidOperationException($"nobody knows how to do {fault.Kind}");
        }
    }

    /// <summary>
    /// One byte of some answers is another one: neither of a finding nor of the number of an answer, since what says, in
    /// well-formed words, that a content is clean cannot be told from the truth.
    /// </summary>
    private static void Garble(Span<byte> bytes, Random random)
    {
        lock (random)
        {
            int at = random.Next(bytes.Length);
            if (random.Next(3) == 0 && bytes.IndexOf("FOUND"u8) < 0 && !char.IsAsciiDigit((char)bytes[at]))
                bytes[at] = (byte)random.Next(256);
        }
    }

    private static async Task AgainAsync(Action act, Fault fault, CancellationToken stop)
    {
        for (TimeSpan done = TimeSpan.Zero; done <= fault.Lasts && !stop.IsCancellationRequested; done += Pulse)
        {
            act();
            await Task.Delay(Pulse, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task LastAsync(Fault fault, CancellationToken stop) =>
        await Task.Delay(fault.Lasts, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static T Needed<T>(T? means, Fault fault) where T : class =>
        means ?? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{fault.Kind} was planned without the means for it"));
}
