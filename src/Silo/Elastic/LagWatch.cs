using System.Globalization;
using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Elastic;

/// <summary>Looks how far the export is behind, and writes into the journal when it falls behind and when it has caught up.</summary>
internal sealed partial class LagWatch(ExportStore store, ICommitQueue commits, ExportState state, TimeSpan every, TimeProvider time, ILogger log)
{
    /// <summary>A look counts all that waits; of the time no more than one part in so many goes into it.</summary>
    private const int LookShare = 20;

    public async Task RunAsync(CancellationToken stop)
    {
        var alarm = new LagAlarm();
        while (!stop.IsCancellationRequested)
        {
            long start = time.GetTimestamp();
            try
            {
                state.Looked(await store.LagAsync(stop));
                await TellAsync(alarm);
            }
            catch (Exception error)
            {
                if (!stop.IsCancellationRequested)
                    LogNoLook(error);
            }
            TimeSpan pause = TimeSpan.FromTicks(Math.Max(every.Ticks, LookShare * time.GetElapsedTime(start).Ticks));
            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TellAsync(LagAlarm alarm)
    {
        ExportStatus status = state.Status;
        if (alarm.Next(status) is not { } type)
            return;
        string reason = string.Create(CultureInfo.InvariantCulture, $"{status.LagEvents} events, {status.LagSeconds:F0} s");
        try
        {
            await commits.CommitAsync(new Commit([new Note
            {
                Events = [new JournalEvent(type, time.GetUtcNow()) { Reason = status.Trouble is null ? reason : $"{reason}: {status.Trouble}" }],
            }]));
        }
        catch
        {
            alarm.Untold();
            throw;
        }
    }

    [LoggerMessage(2055, LogLevel.Warning, "How far the export is behind cannot be seen for now")]
    private partial void LogNoLook(Exception error);
}
