using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

/// <summary>The rows of asks whose questions are inserted.</summary>
internal static class AskInsert
{
    internal sealed record Rows(string Table, string Columns, string Key, List<object?[]> Values);

    /// <param name="messages">By id.</param>
    public static IEnumerable<Rows> Of(IReadOnlyList<InsertMessage> messages, byte[] trailRef)
    {
        List<InsertMessage> asks = [.. messages.Where(message => message.Ask is not null)];
        if (asks.Count == 0)
            yield break;
        yield return new("ask",
            "id, tree, from_team, to_spec, subject, trace_parent, top, deadline, quorum, collate_, pointer, state, asked, answered, due_at, result_id, asked_at, trail", "id",
            [.. asks.Select(insert => Ask(insert, insert.Ask!, trailRef))]);
        yield return new("ask_node", "ask_id, node, place, tree, asked, version, stage, at, trail", "node",
            [.. asks.SelectMany(insert => insert.Ask!.Nodes.Select((node, place) => new object?[] {
                insert.Message.Id.ToColumn(), node.Node, place, insert.Node.Tree, node.Asked, 0, (int)CollationStage.Collecting, insert.AcceptedAt.ToColumn(), Array.Empty<byte>() }))]);
        yield return new("ask_team", "ask_id, team, node, place, open_, state, trail", "team",
            [.. asks.SelectMany(insert => insert.Ask!.Teams.Select((team, place) => new object?[] {
                insert.Message.Id.ToColumn(), team.Team, team.Node, place, 1, 0, Array.Empty<byte>() }))]);
    }

    private static object?[] Ask(InsertMessage insert, AskRows ask, byte[] trailRef) => [
        insert.Message.Id.ToColumn(), insert.Node.Tree, insert.Message.From, insert.Message.To, insert.Message.Subject, insert.Message.TraceParent, ask.Top,
        ask.Spec.Deadline.ToColumn(), ask.Spec.Quorum, (int)ask.Spec.Collate, ask.Spec.JsonPointer, 0, ask.Teams.Count, 0, ask.Spec.Deadline.ToColumn(),
        ask.Result.ToColumn(), insert.AcceptedAt.ToColumn(), trailRef];
}
