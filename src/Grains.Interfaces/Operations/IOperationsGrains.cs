namespace ShitOps.Grains;

public enum DecisionStatus : byte { Done = 0, NotFound = 1, AlreadyDecided = 2 }

/// <summary>One entry in quarantine. Key: the entry's id.</summary>
[Alias("sho.IQuarantineGrain")]
public interface IQuarantineGrain : IGrainWithGuidKey
{
    /// <summary>A message continues its journey; an attachment can be fetched.</summary>
    [ResponseTimeout("00:00:12"), Alias("Release")]
    Task<DecisionStatus> Release(string actor, string reason);

    /// <summary>Destroys the body; the entry stays as evidence.</summary>
    [ResponseTimeout("00:00:12"), Alias("Purge")]
    Task<DecisionStatus> Purge(string actor, string reason);
}

/// <summary>Decides on dead letters. Stateless worker, key 0. Either ids or a reason is given.</summary>
[Alias("sho.IDeadLetterGrain")]
public interface IDeadLetterGrain : IGrainWithIntegerKey
{
    /// <summary>Puts them back into the outbox of the sender's node; answers how many.</summary>
    /// <param name="why">What is kept in the journal as the decision's reason; null: why the letter was dead.</param>
    [ResponseTimeout("00:00:30"), Alias("Replay")]
    Task<int> Replay(Immutable<Guid[]>? ids, string? reason, string actor, string? why);

    /// <inheritdoc cref="Replay"/>
    [ResponseTimeout("00:00:30"), Alias("Discard")]
    Task<int> Discard(Immutable<Guid[]>? ids, string? reason, string actor, string? why);

    /// <summary>Replays or discards some of one reason, the oldest first; to be called again until none is found.</summary>
    [ResponseTimeout("00:00:12"), Alias("DecideSome")]
    Task<DeadLetterStep> DecideSome(DeadLetterSlice slice);
}

/// <param name="Team">Of that team alone; null: of all.</param>
/// <param name="Until">Those that died later are left alone, so that it comes to an end; null: now, at the first call.</param>
[GenerateSerializer, Immutable, Alias("sho.DeadLetterSlice")]
public sealed record DeadLetterSlice(
    [property: Id(0)] string Reason,
    [property: Id(1)] bool Replay,
    [property: Id(2)] string Actor,
    [property: Id(3)] string? Why,
    [property: Id(4)] DateTimeOffset? Until,
    [property: Id(5)] string? Team = null);

/// <param name="Found">0: there are no more.</param>
/// <param name="Done">Of these; the others somebody else had decided on meanwhile.</param>
/// <param name="Until">For the next call.</param>
[GenerateSerializer, Immutable, Alias("sho.DeadLetterStep")]
public sealed record DeadLetterStep([property: Id(0)] int Found, [property: Id(1)] int Done, [property: Id(2)] DateTimeOffset Until);
