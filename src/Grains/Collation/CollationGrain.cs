using System.Diagnostics;
using ShitOps.Grains.Nodes;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Telemetry;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Collation;

/// <summary>
/// The step of a collation at one node: takes its teams' replies and its children's partials, passes on what is complete,
/// and at the top ends the ask. Reentrant; changes go in turn (<see cref="CollationStep"/>), and other grains are awaited
/// outside of a turn only.
/// </summary>
[Reentrant]
public sealed class CollationGrain : Grain, ICollationGrain
{
    /// <summary>About six seconds with their pauses; then the sweep, or whoever asked, tries again.</summary>
    private const int Attempts = 6;

    private readonly CollationKey _key;
    private readonly CollationServices _services;
    private readonly CollationStep _step;
    private readonly ReplyGate _gate;
    private readonly AskEnding _ending;
    private readonly Dictionary<int, int> _progress = [];
    private Task _passing = Task.CompletedTask, _telling = Task.CompletedTask;
    private Task<Partial>? _closing;
    private bool _due;
    private int _told;

    public CollationGrain(IGrainContext context, CollationServices services)
    {
        _key = CollationKey.Parse(context.GrainId.Key.ToString()!);
        _services = services;
        _step = new CollationStep(_key, services);
        _gate = new ReplyGate(_key, services, _step);
        _ending = new AskEnding(_key, services, _step);
    }

    public async Task<ReplyStatus> Reply(NewReply reply)
    {
        if (await _step.LoadAsync() is not { } known)
            return ReplyStatus.NoSuchAsk;
        ReplyStatus? refused = known.Refuse(reply.Team, reply.Id, _step.IsOver);
        if (refused is { } early)
            return early;
        using Activity? activity = SiloTrace.Batch("reply", ActivityKind.Server, [reply.TraceParent ?? _step.Ask.TraceParent], messages: 1, _key.Node);
        JudgedReply judged = await _gate.JudgeAsync(reply);
        await _step.ChangeAsync(state => (refused = state.Refuse(reply.Team, reply.Id, _step.IsOver)) is null ? _gate.Put(state, judged) : null);
        GoOn();
        return refused ?? CollationState.ToStatus(judged.State);
    }

    public async Task Take(Partial partial)
    {
        var taken = new Taken(partial, await _services.OpenAsync(_key.Ask, partial.Node, partial.SealedValue));
        await _step.ChangeAsync(state => _step.Ask.State == AskState.Open && state.Take(taken) is var next && !ReferenceEquals(next, state) ? new Move(next, [], []) : null);
        GoOn();
    }

    public async Task Progress(int child, int answered)
    {
        _progress[child] = Math.Max(answered, _progress.GetValueOrDefault(child));
        await _step.LoadAsync();
        GoOn();
    }

    /// <summary>Those who ask while it is closing share one answer.</summary>
    public Task<Partial> Close() => _closing is { IsCompleted: false } running ? running : _closing = CloseAsync();

    public async Task Wake()
    {
        if (await _step.LoadAsync(again: true) is not { } stored || _step.Ask.State != AskState.Open)
            return;
        foreach (OwnTeam team in stored.Teams.Where(t => t.State == AnswerState.Held))
        {
            if (await _gate.JudgeAgainAsync(team.Team) is { } judged)
                await _step.ChangeAsync(state => !state.Closed && state.Teams.Any(t => t.Team == judged.Reply.Team && t.State == AnswerState.Held) ? _gate.MoveOn(state, judged) : null);
        }
        if (_step.IsTop)
            _due |= _step.IsOver || (_step.Ask.Spec.Quorum is { } quorum && (await _services.Asks.ViewAsync(_key.Ask))?.Answered >= quorum);
        await _step.ChangeAsync(state => state.Again() is var next && next.Stage != state.Stage ? new Move(next, [], []) : null);
        GoOn();
    }

    /// <summary>Does in the background what the state calls for. Whatever fails there is found again by the sweep.</summary>
    private void GoOn()
    {
        if (_step.State is not { } state || _step.Ask.State != AskState.Open)
            return;
        if (_step.Ask.Spec.Quorum is { } quorum)
        {
            if (_step.IsTop)
                _due |= Known(state) >= quorum;
            else if (_telling.IsCompleted)
                _telling = TellAsync();
        }
        if (_passing.IsCompleted && (_step.IsTop ? _due || state.IsSettled : state.Stage == CollationStage.Ready))
            _passing = _step.IsTop ? EndAsync() : PassAsync();
    }

    private async Task PassAsync()
    {
        ICollationGrain parent = _services.Node(_key with { Node = TreeShape.Parent(_key.Node) });
        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                while (await _step.LoadAsync() is { Stage: CollationStage.Ready } state)
                {
                    Partial partial = await _services.SealAsync(_key.Ask, state.Compose(_step.Reduction));
                    await parent.Take(partial);
                    // If it changed meanwhile, the newer one is passed too.
                    await _step.ChangeAsync(now => now.Version == state.Version ? new Move(now.Pass(), [], [_step.Collated(partial)]) : null);
                }
                return;
            }
            catch (Exception error)
            {
                CollationLog.NotPassed(_services.Log, _key.ToString(), error);
                await PauseAsync(attempt);
            }
        }
    }

    private async Task EndAsync()
    {
        try
        {
            while (await _step.LoadAsync() is { } state && _step.Ask.State == AskState.Open)
            {
                if (!state.IsSettled && !(state.Closed && !state.ChildrenMissing.Any()))
                    await Close();
                else if (!state.Closed && !_step.IsOver && await _ending.AwaitsReleasedAsync(state))
                {
                    if ((await _step.LoadAsync())?.Version == state.Version)
                        return; // What they pass up comes back here; the sweep sees to it.
                }
                else if (await _ending.EndAsync(state))
                    break;
            }
            DeactivateOnIdle();
        }
        catch (Exception error)
        {
            CollationLog.NotEnded(_services.Log, _key.ToString(), error);
        }
    }

    private async Task<Partial> CloseAsync()
    {
        (CollationState? state, _) = await _step.ChangeAsync(s => s.Closed || s.IsSettled ? null : Closing(s.Close()));
        if (state is null)
            throw new InvalidOperationException($"There is no collation {_key}.");
        Taken[] taken = await Task.WhenAll([.. state.ChildrenMissing.Select(CloseChildAsync)]);
        if (taken.Length > 0)
            (state, _) = await _step.ChangeAsync(s => Closing(taken.Aggregate(s, (next, t) => next.Take(t))));
        return await _services.SealAsync(_key.Ask, state!.Compose(_step.Reduction));

        // What has nothing more to wait for is passed by the answer to this call; the top ends the ask instead.
        Move Closing(CollationState s) => s.ChildrenMissing.Any() || _step.IsTop ? new Move(s, [], []) : new Move(s.Pass(), [], [_step.Collated(s.Compose(_step.Reduction).Partial)]);
    }

    private async Task<Taken> CloseChildAsync(int child)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Partial partial = await _services.Node(_key with { Node = child }).Close();
                return new Taken(partial, await _services.OpenAsync(_key.Ask, child, partial.SealedValue));
            }
            catch (Exception error) when (attempt < Attempts)
            {
                CollationLog.NotClosed(_services.Log, _key.ToString(), child, error);
                await PauseAsync(attempt);
            }
        }
    }

    private int Known(CollationState state) => state.OwnAnswered
        + state.Children.Sum(c => Math.Max(c.Taken?.Partial.Answered.Length ?? 0, _progress.GetValueOrDefault(c.Node)));

    /// <summary>Tells the parent how many have answered here, one call at a time; what came meanwhile goes together.</summary>
    private async Task TellAsync()
    {
        ICollationGrain parent = _services.Node(_key with { Node = TreeShape.Parent(_key.Node) });
        try
        {
            while (_step.State is { } state && Known(state) is var known && known > _told)
            {
                await parent.Progress(_key.Node, known);
                _told = known;
            }
        }
        catch (Exception error)
        {
            CollationLog.ProgressLost(_services.Log, _key.ToString(), error);
        }
    }

    private Task PauseAsync(int attempt) => _services.DelayAsync(Backoff.After(attempt, Random.Shared.NextDouble()));
}
