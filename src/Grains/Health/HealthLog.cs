using Microsoft.Extensions.Logging;

namespace ShitOps.Grains.Health;

internal static partial class HealthLog
{
    [LoggerMessage(1201, LogLevel.Warning, "A round of health checks failed; the next one follows")]
    public static partial void RoundFailed(ILogger log, Exception error);

    [LoggerMessage(1203, LogLevel.Information, "{Count} of the {Own} hubs here go to silos that have fewer")]
    public static partial void HandingOver(ILogger log, int count, int own);

    [LoggerMessage(1202, LogLevel.Warning, "Nobody answers for the deadlines of tree {Tree}; the next round asks again")]
    public static partial void DeadlinesAway(ILogger log, string tree, Exception error);
}
