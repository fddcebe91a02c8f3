namespace ShitOps.Client;

/// <summary>A team's webhook.</summary>
/// <param name="Url">For operators without path and query.</param>
/// <param name="State">on or off.</param>
/// <param name="Reason">Why it is off: gone, since the receiver answered 410.</param>
/// <param name="PreviousSecretUntil">Until then the secret before this one signs too.</param>
/// <param name="LastPush">The latest attempt, as far as it is remembered.</param>
/// <param name="Secret">
/// Only in the answer to the call that made it, and never again; null also when the answer to a first attempt was lost:
/// then a rotation makes another.
/// </param>
public sealed record Webhook(
    string Team, string Url, string State, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, string? Reason = null, DateTimeOffset? PreviousSecretUntil = null,
    WebhookPush? LastPush = null, string? Secret = null);

/// <summary>What came of one push.</summary>
/// <param name="Status">The receiver's HTTP status; null without an answer.</param>
/// <param name="Reason">Why it was not accepted; null if it was.</param>
public sealed record WebhookPush(DateTimeOffset At, bool Accepted, int? Status, string? Reason, double Milliseconds);

internal sealed record WebhookBody(string Url, bool RotateSecret);
