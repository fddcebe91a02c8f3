using Microsoft.Extensions.Logging;

namespace ShitOps.Grains.Health;

internal static partial class HealthLog
{
    [LoggerMessage(1201, LogLevel.Warning, "A round of health checks failed; the next one follows")]
    public static partial void RoundFailed(ILogger log, Exception error);
}
