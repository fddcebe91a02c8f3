using System.Text;
using System.Text.Json;

namespace ShitOps.Bench.Tests;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(new[] { 3.0, 1.0, 2.0 }, 2.0)]
    [InlineData(new[] { 4.0, 1.0, 2.0, 3.0 }, 2.5)]
    [InlineData(new[] { 7.0 }, 7.0)]
    public void The_median_is_the_middle(double[] values, double median) => Assert.Equal(median, Figures.Median(values));

    [Fact]
    public void There_is_no_median_of_nothing() => Assert.Throws<ArgumentException>(() => Figures.Median([]));

    [Fact]
    public void A_parcel_is_a_message_a_line_with_the_time_of_posting()
    {
        var parcel = new Parcel(new Random(1), ["a", "b"], from: 0, [1, Ledger.Everybody], body: 100, DateTimeOffset.UnixEpoch);
        JsonElement[] lines = [.. Encoding.UTF8.GetString(parcel.Stamp(42).Span).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
        Assert.Equal(["b", "all"], lines.Select(line => line.GetProperty("to").GetString()));
        Assert.All(lines, line => Assert.Equal(42, long.Parse(line.GetProperty("correlationId").GetString()!, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.All(lines, line => Assert.Equal(100, line.GetProperty("body").GetString()!.Length));
        Assert.All(lines, line => Assert.Equal(DateTimeOffset.UnixEpoch, line.GetProperty("deliverAt").GetDateTimeOffset()));
        Assert.NotEqual(lines[0].GetProperty("body").GetString(), lines[1].GetProperty("body").GetString());
    }

    [Fact]
    public void The_table_tells_what_was_reached_what_was_missed_and_what_failed()
    {
        SuiteRow row = SuiteRow.All.Single(r => r.Name == "broadcast");
        string text = Suite.Markdown([Outcome(row, 25_000), Outcome(row, 5_000), new(row, new Figures(), TimeSpan.Zero, "it broke")], scale: 1);
        Assert.Contains("| broadcast to 1,000 teams | delivered | 25,000 deliveries/s | ≥ 20,000 deliveries/s | reached |", text);
        Assert.Contains("| broadcast to 1,000 teams | delivered | 5,000 deliveries/s | ≥ 20,000 deliveries/s | missed |", text);
        Assert.Contains("failed: it broke", text);
        Assert.Contains(row.Command, text);
    }

    private static Suite.Outcome Outcome(SuiteRow row, double delivered)
    {
        var figures = new Figures();
        figures.Add("delivered", delivered, "deliveries/s");
        return new(row, figures, TimeSpan.Zero, null);
    }
}
