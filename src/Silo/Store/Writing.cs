using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

/// <summary>
/// A change as statements of its own, the same in the fast path and in the careful one. Its guard: each statement of
/// <paramref name="Guarded"/> affects as many rows as it names. <paramref name="After"/> follows from it, uncounted.
/// </summary>
/// <param name="Trailed">Asks and tasks whose rows these statements give the reference to the journal row.</param>
internal sealed record Writing(LockKey Key, IReadOnlyList<Statement> Guarded, IReadOnlyList<Statement> After, IReadOnlyList<Guid> Trailed)
{
    /// <summary>The rows affected if the guard holds.</summary>
    public long Expected => Guarded.Sum(statement => (long)statement.Rows.Count);

    /// <returns>Null: not a change of an ask or a task, or one that takes more than statements.</returns>
    public static Writing? Of(Database database, Change change, byte[] trailRef) =>
        AskChanges.Of(database, change, trailRef) ?? TaskChanges.Of(database, change, trailRef);

    public static Statement One(string sql, params object?[] values) => new("", [], sql, [values], "");
}

/// <summary>Groups of rows, in the order in which transactions lock them.</summary>
internal enum LockGroup { Ask, AskTeam, AskNode, Workflow, InWorkflow }

/// <summary>
/// Where statements come in a transaction: all silos lock rows in one order, so none waits for one that waits for it.
/// What lies in a workflow is under the lock of its row and stays in the order in which it came.
/// </summary>
internal readonly record struct LockKey(LockGroup Group, Guid Id = default, string? Team = null, int Node = 0) : IComparable<LockKey>
{
    public int CompareTo(LockKey other)
    {
        int order = Group.CompareTo(other.Group);
        if (order == 0)
            order = Id.CompareTo(other.Id);
        if (order == 0)
            order = Node.CompareTo(other.Node);
        return order == 0 ? string.CompareOrdinal(Team, other.Team) : order;
    }
}
