using System.CommandLine;
using ShitOps.Fuzz;
using ShitOps.Fuzz.Api;
using ShitOps.Fuzz.Scanner;

var seed = new Option<int>("--seed") { Description = "What the cases are made from", DefaultValueFactory = _ => 1 };
var minutes = new Option<double>("--minutes") { Description = "For each of the two", DefaultValueFactory = _ => 30 };
var only = new Option<string>("--only") { Description = "api or scanner" };
var root = new RootCommand("Sends the API what its OpenAPI document names and what it does not, and the scanner's client what no clamd says.") { seed, minutes, only };
root.SetAction(async (parsed, stop) =>
{
    TimeSpan time = TimeSpan.FromMinutes(parsed.GetValue(minutes));
    int faults = 0;
    if (parsed.GetValue(only) != "scanner")
        faults += Told(await new ApiFuzz(parsed.GetValue(seed), time).RunAsync(stop), "api");
    if (parsed.GetValue(only) != "api")
        faults += Told(await new ScannerFuzz(parsed.GetValue(seed), time).RunAsync(stop), "scanner");
    return faults == 0 ? 0 : 1;
});
// Told to stop, it ends what it started, and tells what it has found.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });

static int Told(Findings findings, string what)
{
    findings.Print(Console.Out, what);
    return findings.Faults.Count;
}
