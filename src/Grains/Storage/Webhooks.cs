namespace ShitOps.Grains.Storage;

/// <summary>A secret, 32 bytes, sealed as bodies are: under its own id.</summary>
public sealed record SealedSecret(Guid Id, byte[] Sealed);

/// <summary>Where a team wants its deliveries pushed.</summary>
/// <param name="TeamSince">When that team was created: a later team of the same name does not inherit the webhook.</param>
/// <param name="Disabled">Why nothing is pushed; null while it is.</param>
/// <param name="Previous">Signs too, until <paramref name="PreviousUntil"/>.</param>
/// <param name="Version">Rises with every change.</param>
public sealed record WebhookRow(
    TeamKey Team, DateTimeOffset TeamSince, string Url, string? Disabled, SealedSecret Secret, SealedSecret? Previous, DateTimeOffset? PreviousUntil,
    DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, long Version);

public interface IWebhookStore
{
    /// <summary>Null: the team has none, or there is no such team.</summary>
    Task<WebhookRow?> FindAsync(TeamKey team, CancellationToken stop = default);

    /// <summary>Teams of a tree behind <paramref name="after"/>, by name, that have something waiting and a webhook to push it to.</summary>
    Task<IReadOnlyList<string>> DueAsync(string tree, string after, int limit, CancellationToken stop = default);
}
