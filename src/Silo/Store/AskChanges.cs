using ShitOps.Grains;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

/// <summary>Changes of asks as statements. A reply locks its team's row only, so that replies wait for nobody.</summary>
internal static class AskChanges
{
    public static Writing? Of(Database database, Change change, byte[] trailRef) => change switch
    {
        PutReply put => PutReply(database, put, trailRef),
        MoveReply move => MoveReply(database, move, trailRef),
        PurgeReply purge => new(new(LockGroup.AskTeam, purge.Ask), [Writing.One(
            $"UPDATE ask_team SET sealed = NULL, trail = {database.AppendTrail} WHERE ask_id = ? AND reply_id = ? AND state = {(int)AnswerState.Quarantined} "
            + "AND sealed IS NOT NULL", trailRef, purge.Ask.ToColumn(), purge.Reply.ToColumn())], [], [purge.Ask]),
        PutCollation put => PutCollation(database, put, trailRef),
        EndAsk end => EndAsk(database, end, trailRef),
        _ => null,
    };

    private static Writing PutReply(Database database, PutReply put, byte[] trailRef)
    {
        NewReply r = put.Reply;
        Statement reply = Writing.One(
            "UPDATE ask_team SET state = ?, reply_id = ?, replied_at = ?, body_kind = ?, content_type = ?, size = ?, sha256 = ?, sealed = ?, "
            + $"trail = {database.AppendTrail} WHERE ask_id = ? AND team = ? AND state = {(int)AnswerState.Asked} AND open_ = 1",
            (int)put.To, r.Id.ToColumn(), put.At.ToColumn(), (int)r.BodyKind, r.ContentType, r.Size, r.Sha256, r.SealedBody, trailRef, r.Ask.ToColumn(), r.Team);
        return new(new(LockGroup.AskTeam, r.Ask, r.Team), [reply], Count(r.Ask, AnswerState.Asked, put.To), [r.Ask]);
    }

    private static Writing MoveReply(Database database, MoveReply move, byte[] trailRef)
    {
        Statement moved = Writing.One(
            $"UPDATE ask_team SET state = ?, trail = {database.AppendTrail} WHERE ask_id = ? AND team = ? AND state = ? AND open_ = 1 AND sealed IS NOT NULL",
            (int)move.To, trailRef, move.Ask.ToColumn(), move.Team, (int)move.From);
        return new(new(LockGroup.AskTeam, move.Ask, move.Team), [moved], Count(move.Ask, move.From, move.To), [move.Ask]);
    }

    // Only where there is a quorum to reach, and last in the transaction, so that the row all replies share is locked
    // no longer than a commit takes. due_at comes first: MySQL would see the new count behind it.
    private static Statement[] Count(Guid ask, AnswerState from, AnswerState to)
    {
        int more = (to == AnswerState.Answered ? 1 : 0) - (from == AnswerState.Answered ? 1 : 0);
        return more == 0 ? [] : [Writing.One(
            "UPDATE ask SET due_at = CASE WHEN answered + ? >= quorum THEN 0 ELSE deadline END, answered = answered + ? "
            + "WHERE id = ? AND quorum IS NOT NULL AND state = 0", more, more, ask.ToColumn())];
    }

    private static Writing PutCollation(Database database, PutCollation put, byte[] trailRef)
    {
        // The version alone changes the row; the trail is for what is told.
        bool told = put.Events.Count > 0;
        object?[] values = [
            (int)put.Stage, put.At.ToColumn(), put.Data, .. told ? [trailRef] : Array.Empty<object?>(), put.Ask.ToColumn(), put.Node, put.Version];
        Statement collation = Writing.One(
            $"UPDATE ask_node SET version = version + 1, stage = ?, at = ?, data = ?{(told ? $", trail = {database.AppendTrail}" : "")} "
            + "WHERE ask_id = ? AND node = ? AND version = ?", values);
        return new(new(LockGroup.AskNode, put.Ask, null, put.Node), [collation], [], told ? [put.Ask] : []);
    }

    // Its teams and nodes follow: then neither a reply nor a sweep has to look at the ask.
    private static Writing EndAsk(Database database, EndAsk end, byte[] trailRef)
    {
        object id = end.Ask.ToColumn();
        return new(new(LockGroup.Ask, end.Ask),
            [Writing.One($"UPDATE ask SET state = ?, answered = ?, sealed_result = ?, ended_at = ?, trail = {database.AppendTrail} WHERE id = ? AND state = 0",
                (int)end.To, end.Answered, end.SealedResult, end.At.ToColumn(), trailRef, id)],
            [
                Writing.One("UPDATE ask_team SET open_ = 0 WHERE ask_id = ? AND open_ = 1", id),
                Writing.One($"UPDATE ask_node SET stage = {(int)CollationStage.Passed} WHERE ask_id = ? AND stage <> {(int)CollationStage.Passed}", id),
            ], [end.Ask]);
    }
}
