namespace ShitOps.Grains;

/// <summary>
/// Pushes a team's deliveries to the address it has named. Key: <see cref="TeamKey"/>. What is asked for stands in the
/// database; the grain does it while there is something to push.
/// </summary>
[Alias("sho.IWebhookGrain")]
public interface IWebhookGrain : IGrainWithStringKey
{
    /// <summary>Names the address, or another one. Again with the same secret id it is the same call.</summary>
    [ResponseTimeout("00:00:12"), Alias("Put")]
    Task<PutWebhookReply> Put(PutWebhook command);

    /// <summary>Null: the team has none.</summary>
    [Alias("Read")]
    Task<WebhookView?> Read();

    /// <summary>False: there was none.</summary>
    [ResponseTimeout("00:00:12"), Alias("Remove")]
    Task<bool> Remove(string actor);

    /// <summary>
    /// Sends one event that is no delivery, once for each <paramref name="request"/>; waits for what becomes of it, but no
    /// longer than <see cref="Limits.LongPoll"/>: then <see cref="WebhookTest.Result"/> is null, and the caller asks again.
    /// </summary>
    [Alias("Test")]
    Task<WebhookTest> Test(Guid request);

    /// <summary>There may be something to push.</summary>
    [ResponseTimeout("00:00:02"), Alias("Wake")]
    Task Wake();
}

/// <param name="SecretId">The sealed secret is bound to it.</param>
/// <param name="SealedSecret">Taken for a new webhook, and where <paramref name="Rotate"/>; else the old one stays.</param>
[GenerateSerializer, Immutable, Alias("sho.PutWebhook")]
public sealed record PutWebhook(
    [property: Id(0)] string Url,
    [property: Id(1)] Guid SecretId,
    [property: Id(2)] byte[] SealedSecret,
    [property: Id(3)] bool Rotate,
    [property: Id(4)] string Actor);

public enum PutWebhookStatus : byte { Created = 0, Changed = 1, Rotated = 2, NoSuchTeam = 3, Refused = 4 }

/// <param name="Fault">Why the address is refused.</param>
[GenerateSerializer, Immutable, Alias("sho.PutWebhookReply")]
public sealed record PutWebhookReply(
    [property: Id(0)] PutWebhookStatus Status,
    [property: Id(1)] WebhookView? Webhook = null,
    [property: Id(2)] string? Fault = null);

/// <summary>A webhook without its secret.</summary>
[GenerateSerializer, Immutable, Alias("sho.WebhookView")]
public sealed record WebhookView
{
    [Id(0)] public required string Url { get; init; }
    /// <summary>Why nothing is pushed any more; null while it is.</summary>
    [Id(1)] public string? Disabled { get; init; }
    [Id(2)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(3)] public required DateTimeOffset ChangedAt { get; init; }
    /// <summary>The secret before this one signs too until then.</summary>
    [Id(4)] public DateTimeOffset? PreviousSecretUntil { get; init; }
    /// <summary>What came of the latest push, as far as it is remembered.</summary>
    [Id(5)] public PushView? LastPush { get; init; }
}

/// <param name="Status">The HTTP status; null if there was no answer.</param>
/// <param name="Reason">Why it was not accepted, a word; null if it was.</param>
[GenerateSerializer, Immutable, Alias("sho.PushView")]
public sealed record PushView(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] int? Status,
    [property: Id(2)] string? Reason,
    [property: Id(3)] double Milliseconds);

/// <param name="Exists">False: the team has no webhook.</param>
[GenerateSerializer, Immutable, Alias("sho.WebhookTest")]
public sealed record WebhookTest([property: Id(0)] bool Exists, [property: Id(1)] PushView? Result);
