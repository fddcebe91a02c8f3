using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Webhooks;

/// <summary>What a webhook becomes by a command. Pure.</summary>
public static class WebhookChange
{
    /// <param name="overlap">How long the secret that is replaced signs too.</param>
    public static (WebhookRow Row, PutWebhookStatus Status) Of(
        WebhookRow? old, PutWebhook command, TeamKey team, DateTimeOffset teamSince, DateTimeOffset now, TimeSpan overlap)
    {
        var secret = new SealedSecret(command.SecretId, command.SealedSecret);
        if (old is null)
            return (new(team, teamSince, command.Url, Disabled: null, secret, Previous: null, PreviousUntil: null, now, now, Version: 1), PutWebhookStatus.Created);
        WebhookRow row = old with { Url = command.Url, Disabled = null, ChangedAt = now, Version = old.Version + 1 };
        return command.Rotate
            ? (row with { Secret = secret, Previous = old.Secret, PreviousUntil = now + overlap }, PutWebhookStatus.Rotated)
            : (row, PutWebhookStatus.Changed);
    }

    /// <summary>What journals and operators see of an address: a path or a query may be the receiver's secret.</summary>
    public static string Origin(string url) => new Uri(url).GetLeftPart(UriPartial.Authority);
}
