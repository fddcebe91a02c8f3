using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using ShitOps.Grains.Collation;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tests.Collation;

public sealed class CollationPropertyTests
{
    private static readonly string[] Functions = ["QA", "Dev", "Ops"];

    private static readonly string?[] Values =
    [
        "1", "1.0", "-2.25", "1e2", "0", "12345678901234567890", "0.000001", "true", "false", "null", "\"yes\"", "\"no\"", "\"1\"", "[1]", "{}", null,
    ];

    [Fact]
    public void Whatever_is_lost_doubled_or_restarted_the_result_is_the_definitions() =>
        Gen.Select(Gen.Int[1, 127], Gen.Int[0, 4], Gen.Int[0, int.MaxValue - 1]).Sample((nodes, kind, seed) => Check(nodes, (CollateKind)kind, seed), iter: 10_000);

    private static void Check(int nodes, CollateKind kind, int seed)
    {
        var random = new Random(seed);
        TreeSnapshot tree = Tree(nodes, random);
        TeamPlace asker = tree.Teams[random.Next(tree.Teams.Length)], named = tree.Teams[random.Next(tree.Teams.Length)];
        string to = random.Next(6) switch { 0 => named.Name, 1 => $"function:{named.Function}", 2 or 3 => $"below:{named.Name}", _ => "all" };
        var routes = new Routes(tree);
        Scope scope = routes.Find(to)!;
        AskPlan? plan = AskPlan.For(routes, scope, asker.Name);
        HashSet<string> asked = [.. tree.Teams.Where(t => t.Name != asker.Name && scope.Includes(t)).Select(t => t.Name)];
        if (plan is null)
        {
            Assert.Empty(asked);
            return;
        }
        Assert.Equal(PostOrder(tree, 0, asked), plan.Teams.Select(t => t.Team));

        int? quorum = random.Next(3) == 0 ? random.Next(1, asked.Count + 1) : null;
        var spec = new AskSpec(DateTimeOffset.UnixEpoch, quorum, kind, kind == CollateKind.List ? null : Behaviour.Pointer);
        double diligence = random.Next(3) switch { 0 => 1, 1 => 0.8, _ => random.NextDouble() };
        Dictionary<string, Behaviour> teams = asked.ToDictionary(name => name, _ => Behave(random, diligence));
        var ask = new SimulatedAsk(plan, spec, teams, random.Next(), loss: random.Next(4) == 0 ? 0 : 0.4 * random.NextDouble());
        ask.Run(deadline: random.Next(3) == 0 ? random.Next(1, 4 * asked.Count) : 40 * (asked.Count + plan.Nodes.Count));

        Compare(tree, spec, teams, asked, ask);
    }

    /// <summary>The result by its definition: one walk over the tree, one pass over the values.</summary>
    private static void Compare(TreeSnapshot tree, AskSpec spec, Dictionary<string, Behaviour> teams, HashSet<string> asked, SimulatedAsk ask)
    {
        Partial all = ask.Result!.Partial;
        // A reply that came out of quarantine while the ask was ending may count or not; every other stored answer counts.
        HashSet<string> late = [.. ask.Released.Except(all.Answered)];
        string[] order = [.. PostOrder(tree, 0, asked)];
        string[] answered = [.. order.Where(t => ask.Answers[t].State == AnswerState.Answered && !late.Contains(t))];
        Assert.Equal(answered, all.Answered);
        Assert.Equal(asked.Count, all.Asked);
        Assert.Equal(order.Except(answered).Select(t => new MissingTeam(t, late.Contains(t) ? "quarantined" : ask.Answers[t].State switch
        {
            AnswerState.Held => "scanner_unavailable",
            AnswerState.Quarantined => "quarantined",
            _ => "no_reply",
        })), all.Missing);
        Assert.Equal(answered.Length >= (spec.Quorum ?? asked.Count) ? AskState.Complete : AskState.Partial, CollationState.End(spec, all));

        if (spec.Collate == CollateKind.List)
        {
            Assert.Empty(all.Unmatched);
            Assert.Null(ask.Result.Value);
            return;
        }
        (string Team, string? Value)[] found = [.. answered.Select(t => (t, Usable(spec.Collate, teams[t].Value)))];
        Assert.Equal(found.Where(f => f.Value is null).Select(f => f.Team), all.Unmatched);
        string[] values = [.. found.Select(f => f.Value).OfType<string>()];
        Assert.Equal(Expected(spec.Collate, values), ask.Result.Value is { } value ? Encoding.UTF8.GetString(value.ToJson()) : null);
    }

    private static string? Usable(CollateKind kind, string? value)
    {
        if (value is null or "[1]" or "{}")
            return null;
        bool number = decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal parsed);
        return kind == CollateKind.Tally ? number ? parsed.ToString("0.######", CultureInfo.InvariantCulture) : value.Trim('"')
            : number ? value : null;
    }

    private static string? Expected(CollateKind kind, string[] values)
    {
        if (values.Length == 0)
            return null;
        if (kind == CollateKind.Tally)
        {
            return JsonSerializer.Serialize(new SortedDictionary<string, int>(
                values.GroupBy(v => v).ToDictionary(g => g.Key, g => g.Count()), StringComparer.Ordinal));
        }
        decimal[] numbers = [.. values.Select(v => decimal.Parse(v, NumberStyles.Float, CultureInfo.InvariantCulture))];
        decimal result = kind == CollateKind.Sum ? numbers.Sum() : kind == CollateKind.Min ? numbers.Min() : numbers.Max();
        return result.ToString("0.############", CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> PostOrder(TreeSnapshot tree, int node, HashSet<string> asked) => node >= tree.NodeCount
        ? []
        : [.. PostOrder(tree, (2 * node) + 1, asked), .. PostOrder(tree, (2 * node) + 2, asked),
            .. tree.TeamsAt(node).ToArray().Select(t => t.Name).Where(asked.Contains).Order(StringComparer.Ordinal)];

    private static Behaviour Behave(Random random, double diligence)
    {
        string? value = Values[random.Next(Values.Length)];
        AnswerState first = random.Next(10) switch { 0 => AnswerState.Held, 1 => AnswerState.Quarantined, _ => AnswerState.Answered };
        AnswerState later = first == AnswerState.Answered ? first : random.Next(3) switch
        {
            0 => first,
            1 when first == AnswerState.Held => AnswerState.Quarantined,
            _ => AnswerState.Answered,
        };
        return new Behaviour(random.NextDouble() < diligence, value, first, later);
    }

    /// <summary>One or two teams at most nodes; some nodes of a tree in change have none.</summary>
    private static TreeSnapshot Tree(int nodes, Random random)
    {
        var teams = new List<TeamPlace>();
        for (int node = 0; node < nodes; node++)
        {
            int here = random.Next(8) == 0 ? 0 : random.Next(1, 3);
            for (int i = 0; i < here; i++)
                teams.Add(new TeamPlace($"t{random.Next(1_000_000)}-{teams.Count}", Functions[random.Next(3)], 1, node, DateTimeOffset.UnixEpoch));
        }
        if (teams.Count == 0)
            teams.Add(new TeamPlace("alone", "QA", 1, 0, DateTimeOffset.UnixEpoch));
        return new TreeSnapshot("main", 1, [.. teams.OrderBy(t => t.Name, StringComparer.Ordinal)]);
    }
}
