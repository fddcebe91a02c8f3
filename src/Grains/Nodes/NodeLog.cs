using Microsoft.Extensions.Logging;

namespace ShitOps.Grains.Nodes;

internal static partial class NodeLog
{
    [LoggerMessage(1001, LogLevel.Warning, "Node {Node}: {Count} deliveries were not stored and will be tried again")]
    public static partial void DeliveryFailed(ILogger log, string node, int count, Exception error);

    [LoggerMessage(1002, LogLevel.Warning, "Node {Node}: {Count} messages did not get to node {Next} and will be tried again")]
    public static partial void ForwardFailed(ILogger log, string node, int next, int count, Exception error);

    [LoggerMessage(1003, LogLevel.Debug, "Inbox of {Team} was not told of new deliveries; it will look by itself")]
    public static partial void NotifyFailed(ILogger log, string team, Exception error);

    [LoggerMessage(1004, LogLevel.Information, "Node {Node} woke on {Silo}, last on {Last}, after {Gap}; {Unsettled} messages unsettled")]
    public static partial void FailedOver(ILogger log, string node, string silo, string last, TimeSpan gap, int unsettled);

    [LoggerMessage(1005, LogLevel.Error, "Node {Node}: the pump stumbled and goes on")]
    public static partial void PumpFailed(ILogger log, string node, Exception error);

    [LoggerMessage(1006, LogLevel.Warning, "Node {Node}: scanner away, {Count} messages held")]
    public static partial void Held(ILogger log, string node, int count);

    [LoggerMessage(1007, LogLevel.Warning, "Node {Node} does not answer the health check")]
    public static partial void Unhealthy(ILogger log, string node, Exception error);

    [LoggerMessage(1008, LogLevel.Warning, "Node {Node}: message {Message} goes to quarantine: {Verdict} {Detail}")]
    public static partial void Quarantined(ILogger log, string node, Guid message, string verdict, string? detail);

    [LoggerMessage(1012, LogLevel.Warning, "Node {Node} could not look after its outbox; it will again")]
    public static partial void LookFailed(ILogger log, string node, Exception error);

    [LoggerMessage(1013, LogLevel.Warning, "Node {Node} could not follow its tree yet; it will again")]
    public static partial void NotFollowed(ILogger log, string node, Exception error);

    [LoggerMessage(1010, LogLevel.Warning, "Node {Node} was taken by another activation; this one, on {Silo}, goes")]
    public static partial void Fenced(ILogger log, string node, string silo);

    [LoggerMessage(1011, LogLevel.Warning, "Node {Node}: where it woke could not be recorded")]
    public static partial void ArrivalNotRecorded(ILogger log, string node, Exception error);

    [LoggerMessage(1015, LogLevel.Information, "Node {Node} could not be given back; whoever takes it next counts as a failover")]
    public static partial void NotLeft(ILogger log, string node, Exception error);

    [LoggerMessage(1014, LogLevel.Debug, "Node {Node}: its last ping is not known; the gap counts from its last activation")]
    public static partial void LastPingUnknown(ILogger log, string node, Exception error);
}
