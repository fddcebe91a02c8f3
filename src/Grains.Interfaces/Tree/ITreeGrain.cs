namespace ShitOps.Grains;

/// <summary>Writes the shape of one tree. Key: the tree's name. Every change raises the epoch by one.</summary>
[Alias("sho.ITreeGrain")]
public interface ITreeGrain : IGrainWithStringKey
{
    [Alias("Read")]
    Task<TreeSnapshot> Read();

    /// <summary>What has changed since that epoch, at once.</summary>
    [Alias("News")]
    Task<TreeNews> News(long known);

    /// <summary>The same, as soon as there is something; null after <see cref="Limits.LongPoll"/>.</summary>
    [ResponseTimeout("00:00:40"), Alias("WaitForNews")]
    Task<TreeNews?> WaitForNews(long known);

    /// <summary>Creates the team with its first key, or changes function and weight of the one there is.</summary>
    [ResponseTimeout("00:00:12"), Alias("PutTeam")]
    Task<PutTeamReply> PutTeam(PutTeam command);

    [ResponseTimeout("00:00:30"), Alias("RemoveTeam")]
    Task<RemoveTeamStatus> RemoveTeam(string name, bool force, string actor);

    /// <summary>
    /// Moves teams that talk much nearer to each other, by the traffic measured, at most <see cref="Limits.RebalanceMoves"/>
    /// of them; or tells which it would move.
    /// </summary>
    [ResponseTimeout("00:00:30"), Alias("Rebalance")]
    Task<RebalanceReply> Rebalance(bool dryRun, string actor);

    /// <summary>Carries out a plan that <see cref="Rebalance"/> told, as it was told; nothing if the tree has changed since.</summary>
    [ResponseTimeout("00:00:30"), Alias("CarryOut")]
    Task<RebalanceReply> CarryOut(Guid plan, string actor);
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
