namespace ShitOps.Grains.Tree;

/// <summary>
/// Plans where teams should stand so that what they send travels fewer hops. Pure and deterministic. Objective: the mean,
/// over all measured deliveries, of the edges between sender and recipient; at most so many teams may stand elsewhere
/// afterwards. A descent by exchanges: one team with a free place, one for one, or one for two; each must shorten the
/// sum, so a plan is never worse than what was.
/// </summary>
public sealed class Rebalancing
{
    /// <summary>Teams looked at together, those with the longest ways first, until some can be helped; and how many of them at most.</summary>
    private const int Together = 32, Movers = 256;

    /// <summary>Partners whose neighbourhood is looked at for each, and places tried there.</summary>
    private const int Partners = 4, Places = 6;

    private const double Least = 1e-9;

    private readonly TeamPlace[] _teams;
    private readonly int[] _start, _node;
    private readonly (int Team, double Count)[][] _partners;
    private readonly List<int>[] _at;
    private readonly List<IReadOnlyList<TeamMove>> _steps = [];

    private Rebalancing(IReadOnlyList<TeamPlace> teams, IReadOnlyList<PairTraffic> traffic)
    {
        _teams = [.. teams.OrderBy(t => t.Name, StringComparer.Ordinal)];
        _start = [.. _teams.Select(t => t.Node)];
        _node = [.. _start];
        _at = [.. Enumerable.Range(0, _teams.Length == 0 ? 0 : _node.Max() + 1).Select(_ => new List<int>())];
        for (int i = 0; i < _teams.Length; i++)
            _at[_node[i]].Add(i);
        _partners = PartnersOf(_teams, traffic);
    }

    /// <param name="Steps">The moves in the order in which they can be made: after each of them the tree is sound.</param>
    /// <param name="Messages">Deliveries between teams that are in the tree.</param>
    public sealed record Plan(IReadOnlyList<IReadOnlyList<TeamMove>> Steps, IReadOnlyList<TeamMove> Moves, double Messages, double HopsBefore, double HopsAfter);

    public static Plan Make(IReadOnlyList<TeamPlace> teams, IReadOnlyList<PairTraffic> traffic, int mostMoves)
    {
        var planning = new Rebalancing(teams, traffic);
        (double messages, double before) = planning.Cost();
        while (planning.Best(mostMoves) is { } exchange)
            planning.Make(exchange);
        TeamMove[] moves = [.. Enumerable.Range(0, planning._teams.Length).Where(planning.IsElsewhere)
            .Select(i => new TeamMove(planning._teams[i].Name, planning._start[i], planning._node[i]))];
        double after = planning.Cost().Hops;
        return new(planning._steps, moves, messages, messages == 0 ? 0 : before / messages, messages == 0 ? 0 : after / messages);
    }

    /// <summary>What <paramref name="moves"/> make of the teams.</summary>
    public static TeamPlace[] Apply(IEnumerable<TeamPlace> teams, IEnumerable<TeamMove> moves)
    {
        var to = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (TeamMove move in moves)
            to[move.Team] = move.To;
        return [.. teams.Select(t => to.TryGetValue(t.Name, out int node) ? t with { Node = node } : t)];
    }

    /// <summary>Teams that change places with each other.</summary>
    private sealed record Exchange(int Team, int[] For, int Place);

    private bool IsElsewhere(int team) => _node[team] != _start[team];

    private Exchange? Best(int mostMoves)
    {
        int room = mostMoves - Enumerable.Range(0, _teams.Length).Count(IsElsewhere);
        double[] costs = [.. Enumerable.Range(0, _teams.Length).Select(i => Cost(i, _node[i]))];
        int[] movers = [.. Enumerable.Range(0, _teams.Length).Where(i => costs[i] > 0).OrderByDescending(i => costs[i]).ThenBy(i => i).Take(Movers)];
        return movers.Chunk(Together).Select(some => Best(some, room)).FirstOrDefault(found => found is not null);
    }

    private Exchange? Best(int[] movers, int room)
    {
        Exchange? best = null;
        double least = -Least;
        foreach (int team in movers)
        {
            foreach (int place in Nearest(team))
            {
                foreach (int[] others in Candidates(place))
                {
                    var exchange = new Exchange(team, others, place);
                    if (!Fits(exchange) || Displaced(exchange) > room)
                        continue;
                    double change = Change(exchange);
                    if (change < least)
                        (best, least) = (exchange, change);
                }
            }
        }
        return best;
    }

    /// <summary>Where the team's own ways would be shortest, the best first: at its partners' hubs, or beside them.</summary>
    private IEnumerable<int> Nearest(int team)
    {
        var places = new HashSet<int>();
        foreach ((int partner, _) in _partners[team].OrderByDescending(p => p.Count).ThenBy(p => p.Team).Take(Partners))
        {
            int node = _node[partner];
            places.UnionWith([node, TreeShape.Parent(node), TreeShape.Left(node), TreeShape.Right(node)]);
        }
        int own = _node[team];
        return places.Where(node => node >= 0 && node < _at.Length && node != own)
            .Select(node => (Node: node, Cost: Cost(team, node))).OrderBy(p => p.Cost).ThenBy(p => p.Node).Take(Places).Select(p => p.Node);
    }

    private IEnumerable<int[]> Candidates(int place)
    {
        yield return [];
        foreach (int other in _at[place])
            yield return [other];
        if (_at[place].Count == 2)
            yield return [.. _at[place]];
    }

    private bool Fits(Exchange exchange)
    {
        int own = _teams[exchange.Team].Weight, theirs = exchange.For.Sum(i => _teams[i].Weight);
        int here = Load(_node[exchange.Team]) - own + theirs, there = Load(exchange.Place) - theirs + own;
        return here is > 0 and <= Limits.HubCapacity && there is > 0 and <= Limits.HubCapacity;
    }

    private int Load(int node) => _at[node].Sum(i => _teams[i].Weight);

    /// <summary>How many more teams stand elsewhere after it.</summary>
    private int Displaced(Exchange exchange)
    {
        int here = _node[exchange.Team];
        return Elsewhere(exchange.Team, exchange.Place) + exchange.For.Sum(i => Elsewhere(i, here));

        int Elsewhere(int team, int to) => (to != _start[team] ? 1 : 0) - (IsElsewhere(team) ? 1 : 0);
    }

    private double Change(Exchange exchange)
    {
        int here = _node[exchange.Team];
        int[] all = [exchange.Team, .. exchange.For];
        double change = 0;
        foreach (int team in all)
        {
            foreach ((int partner, double count) in _partners[team])
            {
                // A pair that moves on both sides is met twice.
                double part = Array.IndexOf(all, partner) >= 0 ? count / 2 : count;
                change += part * (TreeShape.Distance(After(team), After(partner)) - TreeShape.Distance(_node[team], _node[partner]));
            }
        }
        return change;

        int After(int team) => team == exchange.Team ? exchange.Place : Array.IndexOf(exchange.For, team) >= 0 ? here : _node[team];
    }

    private void Make(Exchange exchange)
    {
        int here = _node[exchange.Team];
        List<TeamMove> step = [Move(exchange.Team, exchange.Place), .. exchange.For.Select(other => Move(other, here))];
        _steps.Add(step);
    }

    private TeamMove Move(int team, int to)
    {
        int from = _node[team];
        _at[from].Remove(team);
        _at[to].Add(team);
        _at[to].Sort();
        _node[team] = to;
        return new(_teams[team].Name, from, to);
    }

    private double Cost(int team, int at) => _partners[team].Sum(p => p.Count * TreeShape.Distance(at, _node[p.Team]));

    /// <summary>Deliveries, and the hops of all of them.</summary>
    private (double Messages, double Hops) Cost() => (
        Enumerable.Range(0, _teams.Length).Sum(i => _partners[i].Sum(p => p.Count)) / 2,
        Enumerable.Range(0, _teams.Length).Sum(i => Cost(i, _node[i])) / 2);

    /// <summary>Of each team, with whom it exchanges how much, both ways together.</summary>
    private static (int, double)[][] PartnersOf(TeamPlace[] teams, IReadOnlyList<PairTraffic> traffic)
    {
        Dictionary<string, int> index = teams.Index().ToDictionary(t => t.Item.Name, t => t.Index, StringComparer.Ordinal);
        var counts = new SortedDictionary<int, double>[teams.Length];
        foreach (PairTraffic pair in traffic.OrderBy(p => p.From, StringComparer.Ordinal).ThenBy(p => p.To, StringComparer.Ordinal).ThenBy(p => p.Count))
        {
            if (pair.Count <= 0 || !index.TryGetValue(pair.From, out int from) || !index.TryGetValue(pair.To, out int to) || from == to)
                continue;
            foreach ((int a, int b) in (ReadOnlySpan<(int, int)>)[(from, to), (to, from)])
            {
                counts[a] ??= [];
                counts[a][b] = counts[a].GetValueOrDefault(b) + pair.Count;
            }
        }
        return [.. counts.Select(of => of is null ? [] : of.Select(c => (c.Key, c.Value)).ToArray())];
    }
}
