using System.CommandLine;
using ShitOps.Chaos;
using ShitOps.Chaos.Plan;
using ShitOps.Chaos.Run;

if (Isolation.IsPossible && !Isolation.IsInside)
    return await Isolation.RunAsync(args);
// A plan holds only what can be done here; so it is told which kinds it was made of.
FaultKind[] possible =
[
    .. Enum.GetValues<FaultKind>().Where(kind => kind switch
    {
        FaultKind.PartSilos or FaultKind.FillDisk => Isolation.IsInside,
        FaultKind.JumpClock => Clock.IsPossible,
        _ => true,
    }),
];
return await ChaosCommand.Create(possible, async (options, stop) => (await new Campaign(options, Console.Out).RunAsync(stop)).Count == 0 ? 0 : 1)
    // Told to stop, it ends what it started.
    .Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
