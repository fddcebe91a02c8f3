using Microsoft.Extensions.Logging;

namespace ShitOps.Grains.Webhooks;

internal static partial class WebhookLog
{
    [LoggerMessage(1601, LogLevel.Warning, "Pushing to the webhook of {Team} was interrupted; what was not acknowledged is pushed again")]
    public static partial void Interrupted(ILogger log, string team, Exception error);

    [LoggerMessage(1602, LogLevel.Error, "The body of delivery {Delivery} cannot be opened and is not pushed")]
    public static partial void Unreadable(ILogger log, Guid delivery, Exception error);

    [LoggerMessage(1603, LogLevel.Information, "The webhook of {Team} is switched off: {Reason}")]
    public static partial void Disabled(ILogger log, string team, string reason);
}
