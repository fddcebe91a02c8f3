using System.Globalization;

namespace ShitOps.Chaos.Traffic;

/// <summary>Posts of one sender that go in one request.</summary>
/// <param name="At">When, since the traffic began; later if an earlier one is not answered yet.</param>
internal sealed record Request(TimeSpan At, IReadOnlyList<Post> Posts);

/// <summary>From a seed, what every team posts: the same seed, the same messages.</summary>
internal sealed class TrafficPlan
{
    private static readonly string[] Functions = ["QA", "Web", "Data"];
    private readonly int _teams, _latest;
    private readonly Random _random;

    /// <param name="latest">Seconds that a delivery at a later time is put off, below this. A short run is not to wait for it alone.</param>
    private TrafficPlan(int seed, int teams, int latest) => (_teams, _latest, _random) = (teams, latest, new Random(seed ^ 0x5eed));

    /// <summary>By sender, each in the order in which it posts.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<Request>> Create(int seed, int teams, int messages, TimeSpan window)
    {
        var plan = new TrafficPlan(seed, teams, Math.Clamp((int)window.TotalSeconds + 2, 3, 10));
        var requests = Enumerable.Range(0, teams).ToDictionary(Team, _ => new List<Request>());
        int[] numbers = new int[teams];
        for (int planned = 0; planned < messages;)
        {
            int sender = plan._random.Next(teams);
            // Single posts and bulks of all sizes.
            int count = Math.Min(messages - planned, plan._random.Next(3) == 0 ? 1 : plan._random.Next(2, 40));
            TimeSpan at = window * ((double)planned / messages);
            requests[Team(sender)].Add(new(at, [.. Enumerable.Range(0, count).Select(_ => plan.Next(sender, numbers[sender]++, at))]));
            planned += count;
        }
        return requests.ToDictionary(r => r.Key, r => (IReadOnlyList<Request>)r.Value);
    }

    public static string Team(int number) => string.Create(CultureInfo.InvariantCulture, $"team-{number}");

    public static string FunctionOf(int number) => Functions[number % Functions.Length];

    private Post Next(int sender, int number, TimeSpan at)
    {
        (string to, IReadOnlyList<string> recipients) = Address(sender);
        int dice = _random.Next(1000);
        Content content = dice < 10 ? Content.Infected : dice < 14 ? Content.Unscannable : Content.Clean;
        string? key = _random.Next(3) switch { 0 => null, 1 => "a", _ => "b" };
        int kind = _random.Next(100), fill = _random.Next(8) == 0 ? _random.Next(20_000) : _random.Next(500);
        var post = new Post(Team(sender), number, to, recipients, key ?? "", content, fill) { OrderingKey = key };
        return kind switch
        {
            < 4 => post with { Lane = null, OrderingKey = null, Priority = _random.Next(2) == 0 ? "urgent" : "bulk" },
            < 7 => post with { Lane = null, OrderingKey = null, DeliverAt = at + TimeSpan.FromSeconds(_random.Next(2, _latest)) },
            _ => post,
        };
    }

    private (string To, IReadOnlyList<string> Recipients) Address(int sender)
    {
        int dice = _random.Next(100);
        if (dice < 1)
            return ("all", Others(_ => true));
        if (dice < 3)
        {
            string function = Functions[_random.Next(Functions.Length)];
            IReadOnlyList<string> those = Others(n => FunctionOf(n) == function);
            if (those.Count > 0)
                return ($"function:{function}", those);
        }
        int to = _random.Next(_teams - 1);
        string team = Team(to < sender ? to : to + 1);
        return (team, [team]);

        IReadOnlyList<string> Others(Func<int, bool> wanted) => [.. Enumerable.Range(0, _teams).Where(n => n != sender && wanted(n)).Select(Team)];
    }
}
