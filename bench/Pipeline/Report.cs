using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace ShitOps.Bench;

/// <summary>A figure with a name that scripts can rely on, and how it is shown.</summary>
internal sealed record Figure(string Name, double? Value, string Unit);

/// <summary>What was measured, as a table and as JSON.</summary>
internal sealed class Report(BenchOptions options)
{
    private readonly List<Figure> _figures = [];

    public IReadOnlyList<Figure> Figures => _figures;

    public void Add(string name, double? value, string unit) => _figures.Add(new(name, value, unit));

    public void AddLatencies(string name, Latencies latencies)
    {
        foreach (double percent in (double[])[50, 95, 99, 99.9])
            Add(string.Create(CultureInfo.InvariantCulture, $"{name}.p{percent:0.##}"), latencies.Percentile(percent), "ms");
    }

    public void Print()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("figure").AddColumn(new TableColumn("value").RightAligned()).AddColumn("unit");
        foreach (Figure figure in _figures)
            table.AddRow(figure.Name, figure.Value is { } value ? value.ToString(value < 10 ? "N2" : value < 100 ? "N1" : "N0", CultureInfo.InvariantCulture) : "–", figure.Unit);
        AnsiConsole.Write(table);
    }

    public async Task SaveAsync(string file) => await File.WriteAllBytesAsync(file, JsonSerializer.SerializeToUtf8Bytes(
        new { options, figures = _figures.ToDictionary(f => f.Name, f => f.Value) }, Indented));

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };
}
