using ShitOps.Grains;
using ShitOps.Grains.Journal;

namespace ShitOps.Silo.Elastic;

/// <summary>Tells once that the export fell behind, and once that it caught up. Between the two thresholds nothing changes.</summary>
internal sealed class LagAlarm
{
    private const double CaughtUpSeconds = 10;

    public bool IsBehind { get; private set; }

    /// <returns>The type of the event to be told; null: none.</returns>
    public string? Next(ExportStatus status)
    {
        if (!IsBehind && status.LagSeconds > ExportWatch.LateSeconds)
        {
            IsBehind = true;
            return EventTypes.ExportBehind;
        }
        if (IsBehind && status.LagSeconds < CaughtUpSeconds)
        {
            IsBehind = false;
            return EventTypes.ExportCaughtUp;
        }
        return null;
    }

    /// <summary>It could not be told: the next look tells it.</summary>
    public void Untold() => IsBehind = !IsBehind;
}
