using System.Data.Common;
using ShitOps.Grains;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

/// <summary>
/// The fences of a transaction's commits, each once. Their rows are locked, shared, until the transaction ends: who takes
/// a hub waits for what its owner began under a valid fence, and whoever begins later finds the fence void.
/// </summary>
internal sealed class Fences(Database database, IReadOnlyList<Commit> commits)
{
    private readonly Fence[] _all = [.. commits.Select(commit => commit.Fence).OfType<Fence>().Distinct().OrderBy(f => f.Node.Tree, StringComparer.Ordinal).ThenBy(f => f.Node.Index)];

    public int Count => _all.Length;

    /// <summary>Finds a row for each fence that is valid. After the journal row, before all else: who waits here holds nothing that others wait for.</summary>
    public IReadOnlyList<Statement> Check => _all.Length == 0 ? [] :
    [
        new("SELECT 1 FROM hub WHERE ", [], "(tree = ? AND node = ? AND generation = ?)",
            [.. _all.Select(f => new object?[] { f.Node.Tree, f.Node.Index, f.Generation })], database.ForShare, " OR "),
    ];

    /// <summary>Which are valid.</summary>
    public async Task<HashSet<Fence>> ReadAsync(DbConnection connection)
    {
        var valid = new HashSet<Fence>();
        foreach (IGrouping<string, Fence> tree in _all.GroupBy(f => f.Node.Tree))
        {
            valid.UnionWith(await database.QueryInAsync(connection,
                $"SELECT node, generation FROM hub WHERE tree = ? AND node IN ({{0}}) ORDER BY node{database.ForShare}", [tree.Key],
                [.. tree.Select(f => (object?)f.Node.Index).Distinct()], row => new Fence(new NodeKey(tree.Key, row.GetInt32(0)), row.GetInt64(1))));
        }
        return valid;
    }
}
