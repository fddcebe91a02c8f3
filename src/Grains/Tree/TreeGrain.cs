using Microsoft.Extensions.Logging;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Tree;

/// <summary>
/// Holds one tree's shape. Changes go one after another (see <see cref="Turns"/>), each in one transaction that raises
/// the epoch: a second activation of this grain cannot write over the first, it reloads and tries again.
/// </summary>
[Reentrant]
public sealed class TreeGrain(
    ITreeStore store, IOutboxStore outbox, IInboxStore inbox, IArchiveStore archive, ITaskStore tasks, ICommitQueue commits, SiloStopping stopping,
    TimeProvider time, ILogger<TreeGrain> log) : Grain, ITreeGrain
{
    /// <summary>Exchanges of a rebalancing in one transaction: short ones, since others wait for them.</summary>
    private const int ExchangesAtOnce = 10;

    private readonly Turns _turns = new();
    private readonly RecentChanges _recent = new(Limits.RecentTreeChanges);
    private readonly ToldPlans _told = new();
    private TreeSnapshot _tree = null!;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string Name => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken) => _tree = await store.LoadAsync(Name, cancellationToken);

    public Task<TreeSnapshot> Read() => Task.FromResult(_tree);

    public Task<TreeNews> News(long known) => Task.FromResult(_recent.Since(known, _tree));

    public async Task<TreeNews?> WaitForNews(long known)
    {
        if (_tree.Epoch <= known)
            await _changed.Task.WaitAsync(Limits.LongPoll, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return _tree.Epoch > known ? _recent.Since(known, _tree) : null;
    }

    public Task<PutTeamReply> PutTeam(PutTeam command) => _turns.Take(() => PutAsync(command));

    public Task<RemoveTeamStatus> RemoveTeam(string name, bool force, string actor) => _turns.Take(() => RemoveAsync(name, force, actor));

    public Task<RebalanceReply> Rebalance(bool dryRun, string actor) => _turns.Take(() => RebalanceAsync(dryRun, actor));

    public Task<RebalanceReply> CarryOut(Guid plan, string actor) => _turns.Take(() => _told.Find(plan, _tree.Epoch) is { } told
        ? CarryOutAsync(told, actor)
        : Task.FromResult(new RebalanceReply(_tree.Epoch, 0, 0, 0, [], plan, Outdated: true)));

    private async Task<RebalanceReply> RebalanceAsync(bool dryRun, string actor)
    {
        PairTraffic[] traffic = (await GrainFactory.GetGrain<ITrafficGrain>(Name).Read()).Value;
        Rebalancing.Plan plan = Rebalancing.Make(_tree.Teams, traffic, Limits.RebalanceMoves);
        return dryRun ? Told(plan, _told.Add(plan, _tree.Epoch)) : await CarryOutAsync(plan, actor);
    }

    private async Task<RebalanceReply> CarryOutAsync(Rebalancing.Plan plan, string actor)
    {
        foreach (IReadOnlyList<TeamMove>[] steps in plan.Steps.Chunk(ExchangesAtOnce))
            await MoveAsync([.. steps.SelectMany(moves => moves)], actor);
        if (plan.Moves.Count > 0)
            TreeLog.Rebalanced(log, Name, plan.Moves.Count, plan.HopsBefore, plan.HopsAfter);
        return Told(plan, Guid.Empty);
    }

    private RebalanceReply Told(Rebalancing.Plan plan, Guid id) => new(_tree.Epoch, plan.Messages, plan.HopsBefore, plan.HopsAfter, [.. plan.Moves], id);

    private async Task MoveAsync(IReadOnlyList<TeamMove> moves, string actor)
    {
        TeamPlace[] teams = Rebalancing.Apply(_tree.Teams, moves);
        TeamPlace[] moved = [.. teams.Where(t => _tree.Find(t.Name)!.Node != t.Node)];
        if (moved.Length > 0)
            await WriteAsync(teams, moved, [.. moved.Select(t => new PutTeamRow(Name, t))], actor, time.GetUtcNow());
    }

    private async Task<PutTeamReply> PutAsync(PutTeam command)
    {
        DateTimeOffset now = time.GetUtcNow();
        TeamPlace? old = _tree.Find(command.Name);
        if (old is not null && old.Function == command.Function && old.Weight == command.Weight)
            return new(Created: false, old, _tree.Epoch);

        var changes = new List<Change>();
        TeamPlace[] others = [.. _tree.Teams.Where(t => t.Name != command.Name)];
        TeamPlace[] moved = [];
        int node;
        if (old is null)
        {
            node = Placement.PlaceFor(others, command.Weight);
            changes.Add(new InsertAccessKey(command.FirstKey, Role.Team, command.Name, now));
        }
        else if (Fits(others, old.Node, command.Weight))
        {
            node = old.Node;
        }
        else
        {
            moved = [.. Placement.MovesAfter(_tree.Teams, command.Name)];
            others = Moved(others, moved);
            node = Placement.PlaceFor(others, command.Weight);
        }
        var team = new TeamPlace(command.Name, command.Function, command.Weight, node, old?.CreatedAt ?? now);
        foreach (TeamPlace move in moved)
            changes.Add(new PutTeamRow(Name, move));
        changes.Add(new PutTeamRow(Name, team)
        {
            Events =
            [
                new(old is null ? EventTypes.TeamCreated : EventTypes.TeamChanged, now)
                {
                    Team = team.Name, Node = node, Actor = command.Actor, Reason = $"function {team.Function}, weight {team.Weight}",
                },
            ],
        });
        await WriteAsync([.. others, team], moved, changes, command.Actor, now);
        return new(Created: old is null, team, _tree.Epoch);
    }

    private async Task<RemoveTeamStatus> RemoveAsync(string name, bool force, string actor)
    {
        var open = new OpenTasks(tasks);
        if (_tree.Find(name) is null)
        {
            // An earlier removal may have broken off before all was cleared away.
            if (force)
                await open.CancelAllAsync(name, actor, GrainFactory);
            return RemoveTeamStatus.NotFound;
        }
        DateTimeOffset now = time.GetUtcNow();
        if (!force)
        {
            if ((await inbox.CountAsync(name)).Waiting > 0 || (await outbox.UnsettledOfAsync(name, 1)).Count > 0 || await open.AnyAsync(name))
                return RemoveTeamStatus.HasOpenMessages;
        }
        TeamPlace[] moved = [.. Placement.MovesAfter(_tree.Teams, name)];
        TeamPlace[] stay = Moved([.. _tree.Teams.Where(t => t.Name != name)], moved);
        var changes = new List<Change>
        {
            new RemoveTeamRow(Name, name) { Events = [new(EventTypes.TeamRemoved, now) { Team = name, Actor = actor, Reason = force ? "forced" : null }] },
        };
        foreach (TeamPlace move in moved)
            changes.Add(new PutTeamRow(Name, move));
        await WriteAsync(stay, moved, changes, actor, now);
        // The keys go after the team: from here on nothing more can come in or be taken out.
        await commits.CommitAsync(new Commit([new RevokeAccessKeys(name, Key: null, now)]));
        if (force)
        {
            await new OpenMessages(outbox, inbox, archive, commits, time).DeadLetterAllAsync(name, GrainFactory);
            await open.CancelAllAsync(name, actor, GrainFactory);
        }
        // What it had posted before, and was accepted after the look above, has no hub any more but the root.
        GrainFactory.GetGrain<INodeGrain>(new NodeKey(Name, TreeShape.Root).ToString()).Wake().Ignore();
        return RemoveTeamStatus.Removed;
    }

    private async Task WriteAsync(TeamPlace[] teams, TeamPlace[] moved, List<Change> changes, string actor, DateTimeOffset now)
    {
        string what = moved.Length == 0 ? "" : "; moved: " + string.Join(", ", moved.Select(t => $"{t.Name} to {t.Node}"));
        changes.Insert(0, new RaiseEpoch(Name, _tree.Epoch)
        {
            Events = [new(EventTypes.TreeChanged, now) { Actor = actor, Reason = $"epoch {_tree.Epoch + 1}, {teams.Length} teams{what}" }],
        });
        changes.AddRange(Shift.Left(_tree, teams).Select(node => new MoveFromHub(new NodeKey(Name, node), _tree.Epoch + 1, now)));
        ChangeResult[] results;
        try
        {
            results = await commits.CommitAsync(new Commit(changes, AllOrNothing: true));
        }
        catch
        {
            // It may have happened: what counts is in the database.
            DeactivateOnIdle();
            throw;
        }
        if (!results[0].Applied)
        {
            DeactivateOnIdle();
            throw new NotCommittedException($"Tree {Name} was changed by another activation at epoch {_tree.Epoch}; try again.");
        }
        TreeSnapshot before = _tree;
        _tree = new TreeSnapshot(Name, _tree.Epoch + 1, [.. teams.OrderBy(t => t.Name, StringComparer.Ordinal)]);
        _recent.Add(before, _tree);
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        foreach (int node in Shift.Touched(before, _tree.Teams))
            GrainFactory.GetGrain<INodeGrain>(new NodeKey(Name, node).ToString()).Follow(_tree.Epoch).Ignore();
    }

    private static bool Fits(TeamPlace[] others, int node, int weight) =>
        others.Where(t => t.Node == node).Sum(t => t.Weight) + weight <= Limits.HubCapacity;

    private static TeamPlace[] Moved(TeamPlace[] teams, TeamPlace[] moved) =>
        [.. teams.Select(t => moved.FirstOrDefault(m => m.Name == t.Name) ?? t)];
}
