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
        for (int seed = options.FirstSeed; seed < options.FirstSeed + options.Seeds && !stop.IsCancellationRequested; seed++)
        {
            output.WriteLine(Line($"seed {seed}"));
            try
            {
                Outcome outcome = await new ChaosRun(seed, options, what => output.WriteLine($"  {what}")).RunAsync(stop);
                await File.WriteAllTextAsync(Path.Combine(options.Output, Line($"seed-{seed}.json")), JsonSerializer.Serialize(new { outcome, options }, Indented), stop);
                Print(outcome);
                if (!outcome.Verdict.Clean)
                    found.Add(seed);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                output.WriteLine($"  broke off: {error}");
                found.Add(seed);
            }
        }
        output.WriteLine(found.Count == 0 ? Line($"{options.Seeds} seeds, nothing found") : $"found something at seeds {string.Join(", ", found)}");
        return found;
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
