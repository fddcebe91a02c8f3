namespace ShitOps.Fuzz;

/// <summary>What a round of fuzzing came to. No faults: everything was answered, and as documented.</summary>
/// <param name="Outcomes">How often each outcome came: a status, a verdict.</param>
internal sealed record Findings(int Cases, IReadOnlyDictionary<string, int> Outcomes, IReadOnlyList<string> Faults)
{
    public void Print(TextWriter output, string what)
    {
        output.WriteLine(FormattableString.Invariant($"{what}: {Cases} cases, {Faults.Count} faults"));
        output.WriteLine("  " + string.Join(", ", Outcomes.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => FormattableString.Invariant($"{o.Key}: {o.Value}"))));
        foreach (string fault in Faults.Take(20))
            output.WriteLine($"  !! {fault}");
    }
}
