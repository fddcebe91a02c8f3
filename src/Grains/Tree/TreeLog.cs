using Microsoft.Extensions.Logging;

namespace ShitOps.Grains.Tree;

internal static partial class TreeLog
{
    [LoggerMessage(1101, LogLevel.Information, "Traffic could not be reported; what comes next will be")]
    public static partial void NotReported(ILogger log, Exception error);

    [LoggerMessage(1102, LogLevel.Information, "Tree {Tree}: {Count} teams moved, mean hops {Before} before and {After} after")]
    public static partial void Rebalanced(ILogger log, string tree, int count, double before, double after);
}
