using Microsoft.Extensions.Logging;

namespace ShitOps.Grains.Collation;

internal static partial class CollationLog
{
    [LoggerMessage(1401, LogLevel.Warning, "Collation {Collation} did not get to its parent and will be tried again")]
    public static partial void NotPassed(ILogger log, string collation, Exception error);

    [LoggerMessage(1402, LogLevel.Warning, "Collation {Collation} could not close node {Child} and tries again")]
    public static partial void NotClosed(ILogger log, string collation, int child, Exception error);

    [LoggerMessage(1403, LogLevel.Warning, "Collation {Collation} could not end its ask; the next sweep wakes it again")]
    public static partial void NotEnded(ILogger log, string collation, Exception error);

    [LoggerMessage(1404, LogLevel.Debug, "Collation {Collation} could not tell its parent how far it is; the sweep will")]
    public static partial void ProgressLost(ILogger log, string collation, Exception error);

    [LoggerMessage(1405, LogLevel.Warning, "Collation {Collation}: the reply of {Team} goes to quarantine: {Verdict} {Detail}")]
    public static partial void Quarantined(ILogger log, string collation, string team, string verdict, string? detail);

    [LoggerMessage(1406, LogLevel.Information, "Ask {Ask} ended {State}: {Answered} of {Asked} answered")]
    public static partial void Ended(ILogger log, Guid ask, AskState state, int answered, int asked);

    [LoggerMessage(1407, LogLevel.Error, "Reply {Reply} cannot be opened")]
    public static partial void ReplyUnreadable(ILogger log, Guid reply, Exception error);

    [LoggerMessage(1408, LogLevel.Warning, "Ask {Ask}: its asker {Team} has left the tree, nobody gets the collation")]
    public static partial void AskerGone(ILogger log, Guid ask, string team);

    [LoggerMessage(1451, LogLevel.Warning, "A sweep for what is due in tree {Tree} failed; the next one follows")]
    public static partial void SweepFailed(ILogger log, string tree, Exception error);

    [LoggerMessage(1452, LogLevel.Warning, "{Grain} could not be woken; the next sweep tries again")]
    public static partial void WakeFailed(ILogger log, string grain, Exception error);
}
