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
}
