using System.Text;
using ShitOps.Grains.Collation;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Tests.Collation;

/// <summary>What one asked team will do, as the generator decided.</summary>
/// <param name="Value">The JSON text that the pointer will find in its reply; null: the reply has nothing there.</param>
/// <param name="First">What the scanner says at first.</param>
/// <param name="Later">What becomes of a reply that was held or in quarantine, sooner or later; the same as at first: nothing.</param>
internal sealed record Behaviour(bool Replies, string? Value, AnswerState First, AnswerState Later)
{
    public const string Pointer = "/a~1b/~0/1";

    public byte[] Body => Encoding.UTF8.GetBytes(Value is null ? """{"a":1}""" : $$"""{ "a": 0, "a/b": { "~": ["x", {{Value}} ] } }""");
}

/// <summary>
/// All nodes of one ask on a network that loses, doubles and disorders what they send each other, with nodes that restart
/// from what they stored and nodes that are active twice. It does what the grains do around <see cref="CollationState"/>.
/// </summary>
internal sealed class SimulatedAsk
{
    private sealed class Node(CollationRow row)
    {
        /// <summary>As stored; its data are bytes, values in them in the clear here.</summary>
        public CollationRow Row { get; set; } = row;

        /// <summary>Two activations that do not know of each other; null: to be read.</summary>
        public CollationState?[] Active { get; } = new CollationState?[2];
    }

    private readonly Random _random;
    private readonly AskPlan _plan;
    private readonly AskSpec _spec;
    private readonly Reduction _reduction;
    private readonly IReadOnlyDictionary<string, Behaviour> _teams;
    private readonly Dictionary<int, Node> _nodes = [];
    private readonly List<Action> _network = [];
    private readonly double _loss;
    private bool _over;

    public Dictionary<string, AnswerRow> Answers { get; } = new(StringComparer.Ordinal);

    /// <summary>Teams whose reply was released from quarantine: it may come too late to count.</summary>
    public HashSet<string> Released { get; } = new(StringComparer.Ordinal);

    public Taken? Result { get; private set; }

    public int Steps { get; private set; }

    public SimulatedAsk(AskPlan plan, AskSpec spec, IReadOnlyDictionary<string, Behaviour> teams, int seed, double loss)
    {
        (_plan, _spec, _teams, _loss) = (plan, spec, teams, loss);
        _random = new Random(seed);
        _reduction = new Reduction(spec);
        var ask = new AskRow(Guid.CreateVersion7(), "main", "asker", "all", null, plan.Top, spec, AskState.Open, plan.Teams.Count, Guid.CreateVersion7(), default, null, null);
        HashSet<int> nodes = [.. plan.Nodes.Select(n => n.Node)];
        foreach (AskTeamRow team in plan.Teams)
            Answers[team.Team] = new AnswerRow(team.Team, team.Node, AnswerState.Asked, null, null, BodyKind.Json, null, 0, null, null);
        foreach (AskNodeRow node in plan.Nodes)
        {
            int[] children = [.. new[] { (2 * node.Node) + 1, (2 * node.Node) + 2 }.Where(nodes.Contains)];
            _nodes[node.Node] = new Node(new CollationRow(ask, node.Node, node.Asked, 0, CollationStage.Collecting, null, [], children));
        }
    }

    /// <param name="deadline">In steps.</param>
    public void Run(int deadline)
    {
        foreach (AskTeamRow team in _plan.Teams.Where(t => _teams[t.Team].Replies))
        {
            Guid reply = Guid.NewGuid();
            Send(() => Reply(team, reply));
            if (_random.Next(4) == 0)
                Send(() => Reply(team, Guid.NewGuid()));
        }
        for (; Result is null; Steps++)
        {
            Assert.True(Steps < 200_000, "the ask does not end");
            _over |= Steps >= deadline;
            if (_network.Count == 0 || _random.Next(50) == 0)
                Sweep();
            if (_random.Next(20) == 0)
                _nodes[_plan.Nodes[_random.Next(_plan.Nodes.Count)].Node].Active[_random.Next(2)] = null;
            if (_network.Count > 0)
                Deliver();
        }
    }

    private void Send(Action what) => _network.Add(what);

    private void Deliver()
    {
        int place = _random.Next(_network.Count);
        Action what = _network[place];
        bool lost = _random.NextDouble() < _loss, doubled = _random.NextDouble() < _loss;
        if (!doubled)
        {
            _network[place] = _network[^1];
            _network.RemoveAt(_network.Count - 1);
        }
        if (!lost)
            what();
    }

    /// <summary>What the deadline grain's wakes lead to, and what makes up for everything lost.</summary>
    private void Sweep()
    {
        int answered = Answers.Values.Count(a => a.State == AnswerState.Answered);
        if (_over || answered >= _spec.Quorum)
            Close(_plan.Top);
        foreach (AskTeamRow team in _plan.Teams)
        {
            Behaviour does = _teams[team.Team];
            AnswerState state = Answers[team.Team].State;
            if (state is AnswerState.Held or AnswerState.Quarantined && state != does.Later)
                Send(() => Decide(team, does.Later));
            else if (state == AnswerState.Asked && does.Replies && !_over)
                Send(() => Reply(team, Guid.NewGuid()));
        }
        foreach ((int index, Node node) in _nodes)
        {
            if (node.Row.Stage == CollationStage.Ready)
                Send(() => Pass(index));
        }
    }

    private CollationState Load(Node node)
    {
        CollationRecord record = CollationRecord.Read(node.Row.Data);
        OwnTeam[] teams = [.. _plan.Teams.Where(t => t.Node == node.Row.Node).Select(t => Answers[t.Team]).Select(a =>
            new OwnTeam(a.Team, a.State, a.Reply, a.State == AnswerState.Answered ? _reduction.Find(a.BodyKind, _teams[a.Team].Body) : null))];
        return record.ToState(node.Row, teams, [.. record.Taken.Select(t => t.Value is { } value ? Reduced.Parse(value) : null)]);
    }

    /// <summary>One change of one node by one of its activations: decided by what that one remembers, stored only if that is current.</summary>
    private CollationState? Change(int index, Func<CollationState, CollationState?> decide, Action<CollationState>? with = null)
    {
        Node node = _nodes[index];
        int activation = _random.Next(10) == 0 ? 1 : 0;
        while (true)
        {
            CollationState state = node.Active[activation] ??= Load(node);
            CollationState? next = decide(state);
            if (next is null || ReferenceEquals(next, state))
                return next;
            if (state.Version != node.Row.Version)
            {
                node.Active[activation] = null;
                continue;
            }
            node.Row = node.Row with { Version = state.Version + 1, Stage = next.Stage, Data = CollationRecord.Write(next) };
            with?.Invoke(next);
            return node.Active[activation] = next with { Version = state.Version + 1 };
        }
    }

    private void Reply(AskTeamRow team, Guid reply)
    {
        Behaviour does = _teams[team.Team];
        Change(team.Node, state =>
        {
            ReplyStatus? refused = state.Refuse(team.Team, reply, _over);
            Assert.NotEqual(ReplyStatus.NotAsked, refused);
            return refused is null ? state.WithAnswer(Own(does, team.Team, does.First, reply)) : state;
        }, _ => Answers[team.Team] = Answers[team.Team] with { State = does.First, Reply = reply });
        Continue(team.Node);
    }

    /// <summary>The scanner is back, or security has decided.</summary>
    private void Decide(AskTeamRow team, AnswerState to)
    {
        AnswerRow answer = Answers[team.Team];
        if (answer.State == AnswerState.Quarantined && to == AnswerState.Answered)
        {
            // Stored by another grain, which then wakes this one.
            Released.Add(team.Team);
            Answers[team.Team] = answer with { State = to };
            _nodes[team.Node].Active.AsSpan().Clear();
            Send(() => Wake(team));
        }
        else if (answer.State == AnswerState.Held)
        {
            Change(team.Node, state => state.Closed || state.Teams.Single(t => t.Team == team.Team).State != AnswerState.Held
                ? state
                : state.WithAnswer(Own(_teams[team.Team], team.Team, to, answer.Reply)),
                _ => Answers[team.Team] = answer with { State = to });
            Continue(team.Node);
        }
    }

    private void Wake(AskTeamRow team)
    {
        _nodes[team.Node].Active.AsSpan().Clear();
        Change(team.Node, state => state.Closed ? state : state.WithAnswer(state.Teams.Single(t => t.Team == team.Team)));
        Continue(team.Node);
    }

    private OwnTeam Own(Behaviour does, string team, AnswerState state, Guid? reply) =>
        new(team, state, reply, state == AnswerState.Answered ? _reduction.Find(BodyKind.Json, does.Body) : null);

    private void Continue(int node)
    {
        if (_nodes[node].Row.Stage == CollationStage.Ready)
            Send(() => Pass(node));
    }

    private void Pass(int node)
    {
        if (Change(node, state => state) is not { Stage: CollationStage.Ready } state || state.Version != _nodes[node].Row.Version)
            return;
        if (node == _plan.Top)
        {
            Result = state.Compose(_reduction);
            return;
        }
        Partial partial = Compose(state);
        Send(() =>
        {
            Take((node - 1) / 2, partial);
            Send(() => Change(node, now => now.Version == state.Version ? now.Pass() : now));
        });
    }

    private void Take(int node, Partial partial)
    {
        Change(node, state => state.Take(Open(partial)));
        Continue(node);
        Answer(node);
    }

    private void Close(int node)
    {
        Change(node, state => state.Closed ? state : state.Close());
        foreach (int child in Load(_nodes[node]).ChildrenMissing)
            Send(() => Close(child));
        Answer(node);
    }

    /// <summary>A closed node answers its parent as soon as all its children have.</summary>
    private void Answer(int node)
    {
        CollationState state = Load(_nodes[node]);
        if (!state.Closed || state.ChildrenMissing.Any())
            return;
        if (node == _plan.Top)
            Result = state.Compose(_reduction);
        else
            Send(() => Take((node - 1) / 2, Compose(state)));
    }

    private Partial Compose(CollationState state)
    {
        Taken taken = state.Compose(_reduction);
        return taken.Partial with { SealedValue = taken.Value?.ToJson() };
    }

    private static Taken Open(Partial partial) => new(partial, partial.SealedValue is { } value ? Reduced.Parse(value) : null);
}
