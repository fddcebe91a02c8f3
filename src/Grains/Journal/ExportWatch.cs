using System.Globalization;
using Microsoft.Extensions.Logging;
using ShitOps.Grains.Archive;

namespace ShitOps.Grains.Journal;

/// <summary>A silo's view of the export: keeps it alive, and says when it is behind.</summary>
public sealed partial class ExportWatch(IGrainFactory grains, IJournalExport export, ILogger<ExportWatch> log) : IDegradation
{
    /// <summary>An export that is up to date is a few seconds behind.</summary>
    public const double LateSeconds = 60;

    /// <summary>As last told; null before the first time, and where nothing is exported.</summary>
    public ExportStatus? Last { get; private set; }

    public string? Reason => Describe(Last);

    public static string? Describe(ExportStatus? status) => status switch
    {
        { Trouble: { } trouble } => string.Create(CultureInfo.InvariantCulture, $"journal export: {status.LagEvents} events wait: {trouble}"),
        { LagSeconds: > LateSeconds } => string.Create(CultureInfo.InvariantCulture, $"journal export: {status.LagEvents} events, {status.LagSeconds:F0} s behind"),
        _ => null,
    };

    public async Task PingAsync(string tree)
    {
        if (!export.IsOn)
            return;
        try
        {
            Last = await grains.GetGrain<IExportGrain>(tree).Ping();
        }
        catch (Exception error)
        {
            LogAway(tree, error);
        }
    }

    [LoggerMessage(1501, LogLevel.Warning, "Nobody answers for the export of the journal of tree {Tree}; the next round asks again")]
    private partial void LogAway(string tree, Exception error);
}
