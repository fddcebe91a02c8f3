using Microsoft.Extensions.Logging;

namespace ShitOps.Grains.Inbox;

internal static partial class InboxLog
{
    [LoggerMessage(1101, LogLevel.Warning, "Inbox of {Team}: {Count} changes were not stored and will be tried again")]
    public static partial void NotStored(ILogger log, string team, int count, Exception error);
}
