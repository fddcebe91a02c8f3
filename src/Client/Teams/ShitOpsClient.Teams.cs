using ShitOps.Client.Http;

namespace ShitOps.Client;

public sealed partial class ShitOpsClient
{
    /// <summary>Creates a team or changes it; for operators.</summary>
    /// <param name="name">1 to 64 of a-z, 0-9 and -.</param>
    /// <param name="function">What it is for; <c>function:NAME</c> addresses by it.</param>
    public Task<PutTeam> PutTeamAsync(string name, string function, int weight = 1, CancellationToken stop = default) =>
        _calls.ReadAsync(
            new Call(HttpMethod.Put, TeamPath(name)).With(new TeamBody(function, weight), ShitOpsJson.Default.TeamBody), ShitOpsJson.Default.PutTeam, stop);

    public IAsyncEnumerable<Team> GetTeamsAsync(CancellationToken stop = default) =>
        _calls.ReadAsync<TeamsPage, Team>(after => Address.Of("/v1/teams", ("after", after)), ShitOpsJson.Default.TeamsPage, stop);

    public Task<TeamWithKeys> GetTeamAsync(string name, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Get(TeamPath(name)), ShitOpsJson.Default.TeamWithKeys, stop);

    /// <summary>Takes a team out of the tree.</summary>
    /// <param name="force">Its undelivered and unacknowledged messages become dead letters; without it they are a 409.</param>
    public async Task RemoveTeamAsync(string name, bool force = false, CancellationToken stop = default)
    {
        var doubt = new Doubt();
        try
        {
            await _calls.SendAsync(Call.Delete(Address.Of(TeamPath(name), ("force", force))), static (_, _) => Task.FromResult(true), doubt, stop).ConfigureAwait(false);
        }
        catch (ShitOpsException gone) when (gone.Status == 404 && doubt.Any)
        {
            // By an attempt whose answer was lost.
        }
    }

    /// <summary>A new key beside the old ones.</summary>
    public Task<CreatedKey> AddTeamKeyAsync(string name, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Post(TeamPath(name) + "/keys"), ShitOpsJson.Default.CreatedKey, stop);

    public async Task RevokeTeamKeyAsync(string name, Guid keyId, CancellationToken stop = default)
    {
        var doubt = new Doubt();
        try
        {
            await _calls.SendAsync(Call.Delete($"{TeamPath(name)}/keys/{keyId}"), static (_, _) => Task.FromResult(true), doubt, stop).ConfigureAwait(false);
        }
        catch (ShitOpsException gone) when (gone.Status == 404 && doubt.Any)
        {
            // By an attempt whose answer was lost.
        }
    }

    /// <summary>A team's open ends; for itself and for operators.</summary>
    /// <param name="limit">How long each list may be, 1 to 1,000.</param>
    public Task<OpenEnds> GetOpenEndsAsync(string name, int limit = 100, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Get(Address.Of(TeamPath(name) + "/open", ("limit", limit))), ShitOpsJson.Default.OpenEnds, stop);

    public Task<Tree> GetTreeAsync(CancellationToken stop = default) => _calls.ReadAsync(Call.Get("/v1/tree"), ShitOpsJson.Default.Tree, stop);

    /// <summary>
    /// Brings teams that talk much nearer to each other, by measured traffic; for operators. A plan is never worse than
    /// what is, so that an attempt after a lost answer only goes on.
    /// </summary>
    /// <param name="dryRun">Only tells the plan.</param>
    public Task<Rebalance> RebalanceTreeAsync(bool dryRun, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Post(Address.Of("/v1/tree/rebalance", ("dryRun", dryRun))), ShitOpsJson.Default.Rebalance, stop);

    /// <summary>Carries out a plan that a dry run told, just as it was told.</summary>
    /// <param name="plan"><see cref="Rebalance.Plan"/>.</param>
    /// <exception cref="ShitOpsException">409 plan_outdated: the tree has changed since; also when the answer to a first attempt was lost.</exception>
    public Task<Rebalance> RebalanceTreeAsync(Guid plan, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Post(Address.Of("/v1/tree/rebalance", ("plan", plan))), ShitOpsJson.Default.Rebalance, stop);

    public IAsyncEnumerable<NodeInfo> GetNodesAsync(CancellationToken stop = default) =>
        _calls.ReadAsync<NodesPage, NodeInfo>(after => Address.Of("/v1/nodes", ("after", after)), ShitOpsJson.Default.NodesPage, stop);

    public Task<NodeInfo> GetNodeAsync(int index, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Get($"/v1/nodes/{index}"), ShitOpsJson.Default.NodeInfo, stop);

    private static string TeamPath(string name) => "/v1/teams/" + Address.Segment(name);
}
