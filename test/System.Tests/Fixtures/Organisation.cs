using System.Globalization;

namespace ShitOps.System.Tests.Fixtures;

/// <summary>Thirty teams, team-00 to team-29, created one after the other: two a node, 15 nodes in level order.</summary>
public sealed class Organisation
{
    public const int Count = 30, Nodes = 15;

    public required ApiClient[] Clients { get; init; }
    public required PutTeam[] Created { get; init; }

    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"team-{number:00}");

    /// <summary>Five functions in turn.</summary>
    public static string FunctionOf(int number) => ((string[])["QA", "Platform", "Web", "Data", "Ops"])[number % 5];

    public static int NodeOf(int number) => number / 2;

    /// <summary>The nodes on the way, both ends included.</summary>
    public static int[] Path(int from, int to)
    {
        var up = new List<int> { from };
        var down = new List<int> { to };
        while (up[^1] != down[^1])
        {
            List<int> deeper = up[^1] > down[^1] ? up : down;
            deeper.Add((deeper[^1] - 1) / 2);
        }
        return [.. up, .. Enumerable.Reverse(down).Skip(1)];
    }

    public static bool IsBelow(int node, int top)
    {
        while (node > top)
            node = (node - 1) / 2;
        return node == top;
    }

    public static async Task<Organisation> CreateAsync(ApiClient by)
    {
        var clients = new ApiClient[Count];
        var created = new PutTeam[Count];
        for (int i = 0; i < Count; i++)
            (clients[i], created[i]) = await by.CreateTeamAsync(NameOf(i), FunctionOf(i));
        return new() { Clients = clients, Created = created };
    }
}
