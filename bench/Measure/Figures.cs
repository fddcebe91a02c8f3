using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace ShitOps.Bench;

/// <summary>A figure with a name that scripts can rely on, and how it is shown.</summary>
/// <param name="Value">Null: there was nothing to measure.</param>
public sealed record Figure(string Name, double? Value, string Unit)
{
    public string Text => Value is { } value ? value.ToString(Math.Abs(value) < 10 ? "N2" : Math.Abs(value) < 100 ? "N1" : "N0", CultureInfo.InvariantCulture) : "–";
}

/// <summary>What was measured, as a table and as JSON.</summary>
public sealed class Figures
{
    private static readonly double[] Percents = [50, 95, 99, 99.9];
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly List<Figure> _all = [];

    public IReadOnlyList<Figure> All => _all;

    /// <exception cref="KeyNotFoundException">There is none of that name, or it has no value.</exception>
    public double this[string name] => Find(name)?.Value ?? throw new KeyNotFoundException($"no figure {name}");

    public Figure? Find(string name) => _all.Find(f => f.Name == name);

    public void Add(string name, double? value, string unit) => _all.Add(new(name, value, unit));

    /// <param name="prefix">Put before each name.</param>
    public void AddAll(string prefix, Figures others)
    {
        foreach (Figure figure in others.All)
            _all.Add(figure with { Name = prefix + figure.Name });
    }

    public void AddLatencies(string name, Latencies latencies)
    {
        foreach (double percent in Percents)
            Add(string.Create(CultureInfo.InvariantCulture, $"{name}.p{percent:0.##}"), latencies.Percentile(percent), "ms");
    }

    public Dictionary<string, double?> ToDictionary() => _all.ToDictionary(f => f.Name, f => f.Value);

    public void Print(string title)
    {
        var table = new Table().Border(TableBorder.Simple).Title(Markup.Escape(title))
            .AddColumn("figure").AddColumn(new TableColumn("value").RightAligned()).AddColumn("unit");
        foreach (Figure figure in _all)
            table.AddRow(Markup.Escape(figure.Name), figure.Text, figure.Unit);
        AnsiConsole.Write(table);
    }

    /// <summary>Writes <paramref name="what"/> as indented JSON.</summary>
    public static Task SaveAsync(string file, object what) => File.WriteAllBytesAsync(file, JsonSerializer.SerializeToUtf8Bytes(what, what.GetType(), Indented));

    /// <summary>The middle one; of an even number the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0)
            throw new ArgumentException("no values", nameof(values));
        int half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
