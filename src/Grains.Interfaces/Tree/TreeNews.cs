namespace ShitOps.Grains;

/// <summary>What is new in a tree for one who knows an earlier epoch: what changed since, or everything if that is too long ago.</summary>
/// <param name="Whole">Set: this instead of all else.</param>
/// <param name="Put">Teams that joined, moved or changed, as they are now.</param>
/// <param name="Removed">Names of teams that left.</param>
[GenerateSerializer, Immutable, Alias("sho.TreeNews")]
public sealed record TreeNews(
    [property: Id(0)] long Epoch,
    [property: Id(1)] TeamPlace[] Put,
    [property: Id(2)] string[] Removed,
    [property: Id(3)] TreeSnapshot? Whole)
{
    public static TreeNews All(TreeSnapshot tree) => new(tree.Epoch, [], [], tree);

    /// <summary>The tree as it is now.</summary>
    /// <param name="known">Of the epoch that was asked from.</param>
    public TreeSnapshot ApplyTo(TreeSnapshot known)
    {
        if (Whole is not null)
            return Whole;
        if (Epoch == known.Epoch)
            return known;
        var gone = new HashSet<string>(Removed, StringComparer.Ordinal);
        gone.UnionWith(Put.Select(t => t.Name));
        TeamPlace[] teams = [.. known.Teams.Where(t => !gone.Contains(t.Name)), .. Put];
        Array.Sort(teams, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new TreeSnapshot(known.Tree, Epoch, teams);
    }
}
