using System.Globalization;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Access;

/// <summary>Finds, adds and revokes keys. Holds nothing: the database decides.</summary>
[StatelessWorker, Reentrant]
public sealed class AccessGrain(IAccessKeyStore keys, TreeWatch tree, ICommitQueue commits, TimeProvider time) : Grain, IAccessGrain
{
    public Task<AccessKey?> Find(Immutable<byte[]> sha256) => keys.FindAsync(sha256.Value);

    public async Task<KeyStatus> AddTeamKey(string team, NewAccessKey key, string actor)
    {
        if ((await tree.FetchAsync()).Find(team) is null)
            return KeyStatus.NoSuchTeam;
        DateTimeOffset now = time.GetUtcNow();
        await commits.CommitAsync(new Commit([new InsertAccessKey(key, Role.Team, team, now)
        {
            Events = [new(EventTypes.TeamKeyAdded, now) { Team = team, Actor = actor, Reason = key.Id.ToString() }],
        }]));
        return KeyStatus.Done;
    }

    public async Task<KeyStatus> RevokeTeamKey(string team, Guid key, string actor)
    {
        DateTimeOffset now = time.GetUtcNow();
        ChangeResult[] results = await commits.CommitAsync(new Commit([new RevokeAccessKeys(team, key, now)
        {
            Events = [new(EventTypes.TeamKeyRevoked, now) { Team = team, Actor = actor, Reason = key.ToString() }],
        }]));
        return results[0].Applied ? KeyStatus.Done : KeyStatus.NoSuchKey;
    }

    public async Task<bool> AddFirstKey(Role role, NewAccessKey key)
    {
        if (await keys.AnyAsync(role))
            return false;
        return (await commits.CommitAsync(new Commit([new InsertAccessKey(key, role, Team: null, time.GetUtcNow())])))[0].Applied;
    }

    public Task TellGuessing(string? network, int wrongKeys) => commits.CommitAsync(new Commit([new Note
    {
        Events =
        [
            new(EventTypes.AccessGuessing, time.GetUtcNow())
            {
                From = network,
                Reason = string.Create(CultureInfo.InvariantCulture, $"more than {wrongKeys} wrong keys within a minute{(network is null ? ", from many addresses" : "")}"),
            },
        ],
    }]));

    public async Task<Immutable<AccessKey[]>> KeysOf(string team) => (await keys.OfTeamAsync(team)).ToArray().AsImmutable();
}
