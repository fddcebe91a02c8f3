namespace ShitOps.Grains;

public enum Role : byte { Team = 0, Operator = 1, Security = 2 }

/// <summary>A key as it is stored: never the key itself, only its SHA-256.</summary>
[GenerateSerializer, Immutable, Alias("sho.NewAccessKey")]
public sealed record NewAccessKey([property: Id(0)] Guid Id, [property: Id(1)] byte[] Hash);

/// <summary>Whom a key speaks for. <see cref="Team"/> is null unless <see cref="Role"/> is Team.</summary>
[GenerateSerializer, Immutable, Alias("sho.AccessKey")]
public sealed record AccessKey(
    [property: Id(0)] Guid Id,
    [property: Id(1)] Role Role,
    [property: Id(2)] string? Team,
    [property: Id(3)] DateTimeOffset CreatedAt);

public enum KeyStatus : byte { Done = 0, NoSuchTeam = 1, NoSuchKey = 2 }

/// <summary>Keys of teams, operators and security. Stateless worker, key 0.</summary>
[Alias("sho.IAccessGrain")]
public interface IAccessGrain : IGrainWithIntegerKey
{
    /// <summary>Null: no such key, or revoked.</summary>
    [Alias("Find")]
    Task<AccessKey?> Find(Immutable<byte[]> sha256);

    [Alias("AddTeamKey")]
    Task<KeyStatus> AddTeamKey(string team, NewAccessKey key, string actor);

    [Alias("RevokeTeamKey")]
    Task<KeyStatus> RevokeTeamKey(string team, Guid key, string actor);

    /// <summary>Stores the key for that role if the role has none yet; true if it was stored.</summary>
    [Alias("AddFirstKey")]
    Task<bool> AddFirstKey(Role role, NewAccessKey key);

    /// <summary>Writes into the journal that keys are guessed.</summary>
    /// <param name="network">Where from, such as 192.0.2.0/24; null: from many places.</param>
    /// <param name="wrongKeys">More than so many different ones came within a minute.</param>
    [Alias("TellGuessing")]
    Task TellGuessing(string? network, int wrongKeys);

    /// <summary>The key ids of a team, revoked ones left out.</summary>
    [Alias("KeysOf")]
    Task<Immutable<AccessKey[]>> KeysOf(string team);
}

/// <summary>A data key under which bodies are sealed, wrapped by the key ring.</summary>
[GenerateSerializer, Immutable, Alias("sho.WrappedDataKey")]
public sealed record WrappedDataKeyDto(
    [property: Id(0)] int Id,
    [property: Id(1)] byte[] Wrapped,
    [property: Id(2)] DateTimeOffset CreatedAt,
    [property: Id(3)] DateTimeOffset RotateAt);

/// <summary>Hands out wrapped data keys; a new one is made when the current is due. Stateless worker, key 0.</summary>
[Alias("sho.IDataKeyGrain")]
public interface IDataKeyGrain : IGrainWithIntegerKey
{
    [Alias("Current")]
    Task<WrappedDataKeyDto> Current();

    [Alias("Get")]
    Task<WrappedDataKeyDto?> Get(int id);
}
