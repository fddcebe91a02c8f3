using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Teams;

/// <summary>Creates, changes and removes teams and their keys. A lost answer is told from one that never was.</summary>
internal sealed class TeamWrites(IGrainFactory grains, TreeWatch tree, ClusterCalls calls, KeyCache cache, TimeProvider time)
{
    private sealed class Asked
    {
        public string? Function { get; set; }
        public long Weight { get; set; } = 1;
    }

    private static readonly FieldTable<Asked> Fields = new(
        ("function", static (ref r, a, f) => a.Function = JsonText.Text(ref r, "function", Limits.FunctionLength, f)),
        ("weight", static (ref r, a, f) => a.Weight = JsonText.Whole(ref r, "weight", 1, Limits.HubCapacity, f) ?? 1));

    public async Task<IResult> PutAsync(string name, HttpContext http)
    {
        var asked = new Asked();
        var faults = new Faults();
        CheckName(name, faults);
        await JsonRequest.ReadAsync(http.Request, Fields, asked, faults);
        if (asked.Function is null && !faults.Found.Any(f => f.At == "/function"))
            faults.Add("/function", "required", "'function' is needed.");
        else if (string.IsNullOrWhiteSpace(asked.Function) || asked.Function.Trim() != asked.Function)
            faults.Add("/function", "bad_text", "'function' must not begin or end with white space.");
        faults.ThrowIfAny();

        NewKey key = NewKey.Make(time);
        var command = new PutTeam(name, asked.Function!, (int)asked.Weight, key.Stored, http.Caller().Actor);
        int attempts = 0;
        PutTeamReply reply = await calls.RetryAsync(() =>
        {
            attempts++;
            return grains.Tree().PutTeam(command);
        }, http.RequestAborted);
        // Created by an earlier attempt of this request: then the key made here is the one that is stored.
        bool created = reply.Created
            || (attempts > 1 && await calls.RetryAsync(() => grains.Access().Find(new Immutable<byte[]>(command.FirstKey.Hash)), http.RequestAborted) is not null);
        await LearnAsync(reply.Epoch, http.RequestAborted);
        TeamPlace team = reply.Team;
        return created
            ? Results.Json(new CreatedTeam(team.Name, team.Function, team.Weight, team.Node, team.CreatedAt, key.Id, key.Text), GatewayJson.Default.CreatedTeam, statusCode: 201)
            : Results.Json(TeamResource.Of(team), GatewayJson.Default.TeamResource);
    }

    public async Task<IResult> RemoveAsync(string name, HttpContext http)
    {
        if (!TeamKey.IsName(name))
            return Known.NotFound;
        var query = new Query(http.Request);
        bool force = query.Flag("force");
        query.ThrowIfFaulty();
        int attempts = 0;
        RemoveTeamStatus status = await calls.RetryAsync(() =>
        {
            attempts++;
            return grains.Tree().RemoveTeam(name, force, http.Caller().Actor);
        }, http.RequestAborted);
        if (status == RemoveTeamStatus.HasOpenMessages)
            return new Problem(409, "has_open_messages", "The team has undelivered or unacknowledged messages; with ?force=true they become dead letters.");
        if (status == RemoveTeamStatus.NotFound && attempts == 1)
            return Known.NotFound;
        cache.ForgetTeam(name);
        await LearnAsync(long.MaxValue, http.RequestAborted);
        return Results.NoContent();
    }

    public async Task<IResult> AddKeyAsync(string name, HttpContext http)
    {
        if (!TeamKey.IsName(name))
            return Known.NotFound;
        NewKey key = NewKey.Make(time);
        KeyStatus status = await calls.RetryAsync(() => grains.Access().AddTeamKey(name, key.Stored, http.Caller().Actor), http.RequestAborted);
        return status == KeyStatus.Done
            ? Results.Json(new CreatedKey(key.Id, key.Text), GatewayJson.Default.CreatedKey, statusCode: 201)
            : Known.NotFound;
    }

    public async Task<IResult> RevokeKeyAsync(string name, Guid keyId, HttpContext http)
    {
        if (!TeamKey.IsName(name))
            return Known.NotFound;
        int attempts = 0;
        KeyStatus status = await calls.RetryAsync(() =>
        {
            attempts++;
            return grains.Access().RevokeTeamKey(name, keyId, http.Caller().Actor);
        }, http.RequestAborted);
        cache.Forget(keyId);
        return status == KeyStatus.Done || (status == KeyStatus.NoSuchKey && attempts > 1) ? Results.NoContent() : Known.NotFound;
    }

    internal static void CheckName(string name, Faults faults)
    {
        if (!TeamKey.IsName(name))
            faults.Add(Fault.OfParameter("name", "bad_name", $"A team's name has 1 to {Limits.TeamNameLength} of a-z, 0-9 and -."));
        else if (Address.TryParse(name, out Address address) && !address.IsTeam)
            faults.Add(Fault.OfParameter("name", "reserved_name", $"'{name}' is an address of many and cannot be a team's name."));
    }

    /// <summary>What is written here is read here: the next request must not see the tree as it was.</summary>
    private async Task LearnAsync(long epoch, CancellationToken stop)
    {
        try
        {
            await tree.AtLeastAsync(epoch).AsTask().WaitAsync(calls.Budget, time, stop);
        }
        catch (Exception error) when (Transience.IsTransient(error))
        {
            // It is written; the watch will learn of it.
        }
    }
}
