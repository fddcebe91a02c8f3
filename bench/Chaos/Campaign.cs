using System.Globalization;
using System.Text.Json;
using ShitOps.Chaos.Accounts;
using ShitOps.Chaos.Run;

namespace ShitOps.Chaos;

/// <summary>One seed after the other; each prints its plan and its ledger and writes them to a file.</summary>
internal sealed class Campaign(ChaosOptions options, TextWriter output)
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() } };

    /// <returns>Seeds with a finding.</returns>
    public async Task<IReadOnlyList<int>> RunAsync(CancellationToken stop)
    {
        Directory.CreateDirectory(options.Output);
        var found = new List<int>();
        Servers? servers = null;
        try
        {
            for (int seed = options.FirstSeed; seed < options.FirstSeed + options.Seeds && !stop.IsCancellationRequested; seed++)
            {
                output.WriteLine(Line($"seed {seed}"));
                var run = new ChaosRun(seed, options, what => output.WriteLine($"  {what}"));
                bool clean = false;
                try
                {
                    servers ??= await Servers.StartAsync(options, options.Together ? [.. options.Kinds] : [.. run.Plan.Select(f => f.Kind)]);
                    clean = await RunAsync(seed, run, servers, stop);
                }
                catch (Exception error) when (error is not OperationCanceledException)
                {
                    output.WriteLine($"  broke off: {error}");
                }
                if (!clean)
                    found.Add(seed);
                // What one seed has left undone must not be told of the next.
                if (servers is not null && !(options.Together && clean))
                {
                    await servers.DisposeAsync();
                    servers = null;
                }
            }
        }
        finally
        {
            if (servers is not null)
                await servers.DisposeAsync();
        }
        output.WriteLine(found.Count == 0 ? Line($"{options.Seeds} seeds, nothing found") : $"found something at seeds {string.Join(", ", found)}");
        return found;
    }

    private async Task<bool> RunAsync(int seed, ChaosRun run, Servers servers, CancellationToken stop)
    {
        Outcome outcome = await run.RunAsync(servers, stop);
        await File.WriteAllTextAsync(Path.Combine(options.Output, Line($"seed-{seed}.json")), JsonSerializer.Serialize(new { outcome, options }, Indented), stop);
        Print(outcome);
        return outcome.Verdict.Clean;
    }

    private void Print(Outcome outcome)
    {
        Verdict verdict = outcome.Verdict;
        output.WriteLine(Line($"  accepted {verdict.Accepted}, due {verdict.Due}, delivered {verdict.Delivered}, acked {verdict.Acked}, came again {verdict.Again}; slowest accept {outcome.SlowestAccept.TotalSeconds:0.0} s; took {outcome.Took.TotalSeconds:0} s"));
        output.WriteLine("  " + string.Join(", ", verdict.Faults.Select(f => Line($"{f.Key} {f.Value.Count}"))));
        output.WriteLine("  " + string.Join(", ", verdict.Counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => Line($"{c.Key}: {c.Value}"))));
        foreach (string end in outcome.Ends)
            output.WriteLine($"  {end}");
        foreach ((string kind, IReadOnlyList<string> list) in verdict.Faults)
        {
            foreach (string one in list.Take(8))
                output.WriteLine($"  !! {kind}: {one}");
        }
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
