using System.Buffers;

namespace ShitOps.Grains;

/// <summary>The key of a team grain: the tree's name and the team's name, as in <c>main/qa-web</c>.</summary>
[GenerateSerializer, Immutable, Alias("sho.TeamKey")]
public readonly record struct TeamKey([property: Id(0)] string Tree, [property: Id(1)] string Name)
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    public override string ToString() => $"{Tree}/{Name}";

    /// <summary>A team name is 1 to 64 of <c>a-z 0-9 -</c>.</summary>
    public static bool IsName(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= Limits.TeamNameLength && !name.ContainsAnyExcept(NameCharacters);

    /// <exception cref="FormatException">Not of the form <c>tree/name</c>.</exception>
    public static TeamKey Parse(string key)
    {
        int slash = key.LastIndexOf('/');
        return slash > 0 && IsName(key.AsSpan(slash + 1))
            ? new TeamKey(key[..slash], key[(slash + 1)..])
            : throw new FormatException($"'{key}' is not a team key: tree/name");
    }
}
