namespace ShitOps.Grains.Access;

/// <summary>Keeps them in the database: a silo that dies must not bring a session back to life.</summary>
public sealed class EndedSessionsGrain([PersistentState("ended-sessions")] IPersistentState<EndedSessionsGrain.Sessions> stored, TimeProvider time) : Grain, IEndedSessionsGrain
{
    public async Task End(Guid session, DateTimeOffset until)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (Guid over in stored.State.Until.Where(s => s.Value <= now).Select(s => s.Key).ToArray())
            stored.State.Until.Remove(over);
        stored.State.Until[session] = until;
        await stored.WriteStateAsync();
    }

    public Task<Immutable<Guid[]>> Read()
    {
        DateTimeOffset now = time.GetUtcNow();
        return Task.FromResult(stored.State.Until.Where(s => s.Value > now).Select(s => s.Key).ToArray().AsImmutable());
    }

    /// <summary>As stored.</summary>
    public sealed class Sessions
    {
        /// <summary>When each would have run out.</summary>
        public Dictionary<Guid, DateTimeOffset> Until { get; set; } = [];
    }
}
