using System.Data.Common;

namespace ShitOps.Silo.Store;

/// <summary>References to the journal row for what events tell of although no statement about it carries one.</summary>
internal static class Trails
{
    public static async Task AppendAsync(Database database, DbConnection connection, Plan plan, byte[] trailRef)
    {
        await AppendAsync(database, connection, "message", plan.Untrailed, trailRef);
        // An event does not say which of the two it refers to.
        List<Guid> references = [.. plan.UntrailedReferences];
        await AppendAsync(database, connection, "ask", references, trailRef);
        await AppendAsync(database, connection, "task", references, trailRef);
    }

    private static async Task AppendAsync(Database database, DbConnection connection, string table, IEnumerable<Guid> ids, byte[] trailRef)
    {
        foreach (Guid[] some in ids.Order().Chunk(500))
        {
            await database.ExecuteAsync(connection, $"UPDATE {table} SET trail = {database.AppendTrail} WHERE id IN ({Database.Marks(some.Length)})",
                [trailRef, .. some.Select(id => id.ToColumn())]);
        }
    }
}
