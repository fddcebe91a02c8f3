using System.Diagnostics;
using System.Globalization;
using System.Text;
using Spectre.Console;

namespace ShitOps.Bench;

/// <summary>Runs the rows one after another. One that fails is told as failed, with its cause, and the others go on.</summary>
internal sealed class Suite(BenchOptions options)
{
    /// <param name="Error">Null: it was measured.</param>
    public sealed record Outcome(SuiteRow Row, Figures Figures, TimeSpan Took, string? Error)
    {
        public bool Met => Error is null && Row.Targets.All(t => Figures.Find(t.Figure)?.Value is { } value && t.Met(value));
    }

    /// <returns>0, or 1 if a row failed. A target that was missed is a figure, not a failure.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var outcomes = new List<Outcome>();
        foreach (SuiteRow row in Rows())
        {
            stop.ThrowIfCancellationRequested();
            AnsiConsole.MarkupLineInterpolated($"[bold]{row.Name}[/] {row.What}: {row.Command}");
            Outcome outcome = await OneAsync(row, stop);
            if (outcome.Error is null)
                outcome.Figures.Print(row.Name);
            else
                AnsiConsole.MarkupLineInterpolated($"[red]{row.Name} failed:[/] {outcome.Error}");
            outcomes.Add(outcome);
            // After every row: what was measured stays when a later one ends everything.
            await SaveAsync(outcomes);
        }
        return outcomes.Exists(o => o.Error is not null) ? 1 : 0;
    }

    private IEnumerable<SuiteRow> Rows()
    {
        string[] only = options.Only.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        SuiteRow[] rows = [.. SuiteRow.All.Where(row => only.Length == 0 || only.Any(begin => row.Name.StartsWith(begin, StringComparison.Ordinal)))];
        return rows.Length > 0 ? rows.Select(row => row.Scaled(options.Scale, options.Limit))
            : throw new ArgumentException($"--only: the rows are {string.Join(", ", SuiteRow.All.Select(row => row.Name))}");
    }

    private static async Task<Outcome> OneAsync(SuiteRow row, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            Figures figures = await row.Scenario.RunAsync(row.Options, stop);
            return new(row, figures, Stopwatch.GetElapsedTime(start), null);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            return new(row, new Figures(), Stopwatch.GetElapsedTime(start), $"{error.GetType().Name}: {error.Message}");
        }
    }

    private async Task SaveAsync(List<Outcome> outcomes)
    {
        if (options.Markdown.Length > 0)
            await File.WriteAllTextAsync(options.Markdown, Markdown(outcomes, options.Scale));
        if (options.Json.Length == 0)
            return;
        await Figures.SaveAsync(options.Json, new
        {
            Machine = Machine.This(),
            options.Scale,
            Rows = outcomes.Select(o => new
            {
                o.Row.Name,
                o.Row.What,
                o.Row.Command,
                Seconds = Math.Round(o.Took.TotalSeconds, 1),
                o.Error,
                o.Met,
                Targets = o.Row.Targets.Select(t => new { t.Figure, Target = t.ToString(), o.Figures.Find(t.Figure)?.Value }),
                o.Row.Options,
                Figures = o.Figures.ToDictionary(),
            }),
        });
    }

    /// <summary>A line a figure that the row shows, the ones with targets first.</summary>
    public static string Markdown(IEnumerable<Outcome> outcomes, double scale)
    {
        var text = new StringBuilder();
        if (scale < 1)
            text.Append(CultureInfo.InvariantCulture, $"**With a share of {scale} of all numbers: it shows that everything works, not how fast.**\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Machine.This()}\n\n| what | figure | measured | target | |\n|---|---|---|---|---|\n");
        foreach (Outcome outcome in outcomes)
        {
            string what = outcome.Row.What;
            if (outcome.Error is { } error)
                text.Append(CultureInfo.InvariantCulture, $"| {what} | – | failed: {error.ReplaceLineEndings(" ")} | | |\n");
            foreach (Target target in outcome.Error is null ? outcome.Row.Targets : [])
            {
                Figure? figure = outcome.Figures.Find(target.Figure);
                string met = figure?.Value is { } value && target.Met(value) ? "reached" : "missed";
                text.Append(CultureInfo.InvariantCulture, $"| {what} | {target.Figure} | {figure?.Text ?? "–"} {figure?.Unit} | {target} | {met} |\n");
            }
            foreach (Figure figure in outcome.Row.Shown.Select(outcome.Figures.Find).OfType<Figure>())
                text.Append(CultureInfo.InvariantCulture, $"| {what} | {figure.Name} | {figure.Text} {figure.Unit} | | |\n");
        }
        text.Append("\n| what | command |\n|---|---|\n");
        foreach (Outcome outcome in outcomes)
            text.Append(CultureInfo.InvariantCulture, $"| {outcome.Row.What} | `{outcome.Row.Command}` |\n");
        return text.ToString();
    }
}
