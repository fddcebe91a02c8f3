using System.CommandLine;
using ShitOps.Bench;

// After Ctrl+C the servers are ended and their folders cleared, which takes its time.
var patient = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) };
return await BenchCommand.Create().Parse(args).InvokeAsync(patient);
