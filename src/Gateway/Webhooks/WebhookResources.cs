using ShitOps.Grains;

namespace ShitOps.Gateway.Webhooks;

/// <param name="Url">Where deliveries are pushed: https, 2,048 characters at most.</param>
/// <param name="RotateSecret">A new secret; the old one signs too for 24 hours.</param>
public sealed record PutWebhookBody(string Url, bool RotateSecret = false);

/// <param name="Url">For operators without path and query.</param>
/// <param name="State">on or off.</param>
/// <param name="Reason">Why it is off: gone, since the receiver answered 410.</param>
/// <param name="PreviousSecretUntil">Until then pushes carry a signature by the secret before this one too.</param>
/// <param name="LastPush">The latest attempt, as far as it is remembered.</param>
public sealed record WebhookResource(
    string Team, string Url, string State, string? Reason, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, DateTimeOffset? PreviousSecretUntil, PushResource? LastPush)
{
    internal static WebhookResource Of(string team, WebhookView view, bool whole) => new(
        team, whole ? view.Url : new Uri(view.Url).GetLeftPart(UriPartial.Authority), view.Disabled is null ? "on" : "off", view.Disabled,
        view.CreatedAt, view.ChangedAt, view.PreviousSecretUntil, view.LastPush is { } push ? PushResource.Of(push) : null);
}

/// <param name="Secret">Signs as Standard Webhooks says. Shown here and never again.</param>
public sealed record WebhookWithSecret(
    string Team, string Url, string State, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, DateTimeOffset? PreviousSecretUntil, string Secret)
{
    internal static WebhookWithSecret Of(string team, WebhookView view, string secret) => new(
        team, view.Url, "on", view.CreatedAt, view.ChangedAt, view.PreviousSecretUntil, secret);
}

/// <param name="Status">The receiver's HTTP status; null without an answer.</param>
/// <param name="Reason">Why it was not accepted: a status, redirect, timeout, tls, name_unknown, unreachable, answer_too_large or address_not_allowed.</param>
public sealed record PushResource(DateTimeOffset At, bool Accepted, int? Status, string? Reason, double Milliseconds)
{
    internal static PushResource Of(PushView push) => new(push.At, push.Reason is null, push.Status, push.Reason, Math.Round(push.Milliseconds, 1));
}
