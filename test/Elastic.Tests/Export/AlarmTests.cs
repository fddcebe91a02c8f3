using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Silo.Elastic;

namespace ShitOps.Elastic.Tests.Export;

public sealed class AlarmTests
{
    [Fact]
    public void It_tells_once_that_it_fell_behind_and_once_that_it_caught_up()
    {
        var alarm = new LagAlarm();
        double[] seconds = [0, 59, 61, 3600, 30, 61, 11, 9, 0, 30, 62];
        string[] told = [.. seconds.Select(s => alarm.Next(new ExportStatus { LagSeconds = s }) ?? "")];
        Assert.Equal(["", "", EventTypes.ExportBehind, "", "", "", "", EventTypes.ExportCaughtUp, "", "", EventTypes.ExportBehind], told);
    }

    [Fact]
    public void What_could_not_be_told_is_told_at_the_next_look()
    {
        var alarm = new LagAlarm();
        Assert.Equal(EventTypes.ExportBehind, alarm.Next(new ExportStatus { LagSeconds = 61 }));
        alarm.Untold();
        Assert.Equal(EventTypes.ExportBehind, alarm.Next(new ExportStatus { LagSeconds = 61 }));
    }
}
