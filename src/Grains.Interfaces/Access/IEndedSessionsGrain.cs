namespace ShitOps.Grains;

/// <summary>Sessions of the board that somebody ended before they ran out. One for all, key 0; kept until they would have run out.</summary>
[Alias("sho.IEndedSessionsGrain")]
public interface IEndedSessionsGrain : IGrainWithIntegerKey
{
    /// <summary>Ends it for good; stored when this returns. Again is no error.</summary>
    /// <param name="until">When it would have run out.</param>
    [ResponseTimeout("00:00:05"), Alias("End")]
    Task End(Guid session, DateTimeOffset until);

    [ResponseTimeout("00:00:03"), Alias("Read")]
    Task<Immutable<Guid[]>> Read();
}
