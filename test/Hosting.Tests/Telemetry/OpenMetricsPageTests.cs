using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ShitOps.Hosting.Telemetry;

namespace ShitOps.Hosting.Tests.Telemetry;

public sealed class OpenMetricsPageTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddOpenMetrics().BuildServiceProvider();
    private readonly Meter _meter;
    private readonly OpenMetricsPage _page;

    public OpenMetricsPageTests()
    {
        _page = _services.GetRequiredService<OpenMetricsPage>();
        _meter = _services.GetRequiredService<IMeterFactory>().Create("ShitOps.Test");
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public void A_counter_adds_up_by_its_labels_and_ends_in_total()
    {
        Counter<long> counter = _meter.CreateCounter<long>("shitops.things", "{thing}", "Things.");
        counter.Add(2, new KeyValuePair<string, object?>("shitops.kind", "a\"b\\c\nd"));
        counter.Add(3, new KeyValuePair<string, object?>("shitops.kind", "a\"b\\c\nd"));
        Assert.Equal("# TYPE shitops_things counter\n# HELP shitops_things Things.\nshitops_things_total{shitops_kind=\"a\\\"b\\\\c\\nd\"} 5\n# EOF\n", _page.Render());
    }

    [Fact]
    public void What_has_not_happened_yet_is_0()
    {
        _meter.CreateCounter<long>("shitops.things", "{thing}", "Things.");
        Assert.Contains("\nshitops_things_total 0\n", _page.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_has_cumulative_buckets_a_sum_and_a_count()
    {
        Histogram<double> time = _meter.CreateHistogram("shitops.time", "s", "Time.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (double value in new[] { 0.05, 0.1, 0.5, 7 })
            time.Record(value);
        Assert.Equal(
            "# TYPE shitops_time_seconds histogram\n# UNIT shitops_time_seconds seconds\n# HELP shitops_time_seconds Time.\n"
            + "shitops_time_seconds_bucket{le=\"0.1\"} 2\nshitops_time_seconds_bucket{le=\"1\"} 3\nshitops_time_seconds_bucket{le=\"+Inf\"} 4\n"
            + "shitops_time_seconds_sum 7.65\nshitops_time_seconds_count 4\n# EOF\n", _page.Render());
    }

    [Fact]
    public void What_is_observed_is_read_anew_and_what_is_gone_is_gone()
    {
        Measurement<long>[] now = [new(1, new KeyValuePair<string, object?>("n", 1)), new(2, new KeyValuePair<string, object?>("n", 2))];
        long counted = 5;
        _meter.CreateObservableGauge("shitops.depth", () => now, "By", "Depth.");
        _meter.CreateObservableCounter("shitops.seen", () => counted, "{thing}", "Seen.");
        _page.Render();
        (now, counted) = ([new(7, new KeyValuePair<string, object?>("n", 2))], 6);
        string text = _page.Render();
        Assert.Contains("\nshitops_depth_bytes{n=\"2\"} 7\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("n=\"1\"", text, StringComparison.Ordinal);
        Assert.Contains("\nshitops_seen_total 6\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_host_of_the_process_and_foreign_meters_are_not_shown()
    {
        using ServiceProvider other = new ServiceCollection().AddOpenMetrics().BuildServiceProvider();
        other.GetRequiredService<IMeterFactory>().Create("ShitOps.Test").CreateCounter<long>("shitops.other").Add(1);
        _services.GetRequiredService<IMeterFactory>().Create("Foreign").CreateCounter<long>("foreign").Add(1);
        Assert.Equal("# EOF\n", _page.Render());
    }

    [Theory]
    [InlineData("/v1/messages", true)]
    [InlineData("/health/ready", false)]
    [InlineData("/metrics", false)]
    [InlineData("/dashboard/ClusterStats", false)]
    public void What_asks_again_and_again_is_not_traced(string path, bool traced) => Assert.Equal(traced, TelemetrySetup.IsTraced(new PathString(path)));
}
