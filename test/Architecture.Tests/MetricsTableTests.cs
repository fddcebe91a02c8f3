using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using ShitOps.Gateway;
using ShitOps.Gateway.Health;
using ShitOps.Grains.Telemetry;
using ShitOps.Silo.Elastic;

namespace ShitOps.Architecture.Tests;

/// <summary>docs/operations.md names every instrument, as it is, and none that does not exist.</summary>
public sealed partial class MetricsTableTests
{
    [Fact]
    public void The_table_of_metrics_is_what_the_instruments_say()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"));
        string[] told = [.. Row().Matches(text).Select(row => row.Value).Order(StringComparer.Ordinal)];
        Assert.NotEmpty(told);
        Assert.Equal(Instruments().Select(AsRow).Order(StringComparer.Ordinal), told);
    }

    [Fact]
    public void Names_follow_the_conventions_of_OpenTelemetry() => Assert.All(Instruments(), instrument =>
    {
        Assert.Matches(@"^shitops(\.[a-z]+)+$", instrument.Name);
        Assert.Matches(@"^(s|By|\{[a-z]+\})$", instrument.Unit);
        Assert.EndsWith(".", instrument.Description, StringComparison.Ordinal);
    });

    private static List<Instrument> Instruments()
    {
        var found = new List<Instrument>();
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                    found.Add(instrument);
            },
        };
        listener.Start();
        using var silo = new SiloMetrics(TimeProvider.System, factory);
        using var export = new ExportMeter(factory);
        // The tree is read when somebody asks for its epoch, which nobody does here.
        _ = new GatewayMetrics(new GatewayCounters(), null!, factory);
        return found;
    }

    private static string AsRow(Instrument instrument)
    {
        string type = instrument.GetType().Name;
        string kind = type.Contains("Counter", StringComparison.Ordinal) ? "counter" : type.Contains("Histogram", StringComparison.Ordinal) ? "histogram" : "gauge";
        string of = instrument.Meter.Name == SiloMetrics.MeterName ? "silo" : "gateway";
        return $"| `{instrument.Name}` | {kind} | `{instrument.Unit}` | {of} | {instrument.Description} |";
    }

    [GeneratedRegex(@"^\| `shitops\.[^\n]*\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
