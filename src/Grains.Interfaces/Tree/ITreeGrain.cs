namespace ShitOps.Grains;

/// <summary>Writes the shape of one tree. Key: the tree's name. Every change raises the epoch by one.</summary>
[Alias("sho.ITreeGrain")]
public interface ITreeGrain : IGrainWithStringKey
{
    [Alias("Read")]
    Task<TreeSnapshot> Read();

    /// <summary>Answers as soon as there is a newer epoch than <paramref name="known"/>, or null after about 20 s.</summary>
    [ResponseTimeout("00:00:40"), Alias("WaitForNewer")]
    Task<TreeSnapshot?> WaitForNewer(long known);

    /// <summary>Creates the team with its first key, or changes function and weight of the one there is.</summary>
    [ResponseTimeout("00:00:12"), Alias("PutTeam")]
    Task<PutTeamReply> PutTeam(PutTeam command);

    [ResponseTimeout("00:00:30"), Alias("RemoveTeam")]
    Task<RemoveTeamStatus> RemoveTeam(string name, bool force, string actor);
}

[GenerateSerializer, Immutable, Alias("sho.PutTeam")]
public sealed record PutTeam(
    [property: Id(0)] string Name,
    [property: Id(1)] string Function,
    [property: Id(2)] int Weight,
    [property: Id(3)] NewAccessKey FirstKey,
    [property: Id(4)] string Actor);

[GenerateSerializer, Immutable, Alias("sho.PutTeamReply")]
public sealed record PutTeamReply([property: Id(0)] bool Created, [property: Id(1)] TeamPlace Team, [property: Id(2)] long Epoch);

public enum RemoveTeamStatus : byte { Removed = 0, NotFound = 1, HasOpenMessages = 2 }
