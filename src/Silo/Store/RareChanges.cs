using System.Data.Common;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

/// <summary>Changes made one by one. The guard is in the statement; its row count tells.</summary>
internal static class RareChanges
{
    /// <returns>Whether the guard held.</returns>
    public static async Task<bool> ExecuteAsync(Database database, DbConnection connection, Change change, byte[] trailRef)
    {
        if (Writing.Of(database, change, trailRef) is { } writing)
            return await MakeAsync(database, connection, writing);
        Task<int> Run(string sql, params object?[] values) => database.ExecuteAsync(connection, sql, values);
        switch (change)
        {
            case RemoveDeadLetter remove:
                if (await Run("DELETE FROM dead_letter WHERE message_id = ? AND team = ?", remove.Message.ToColumn(), remove.Team) == 0)
                    return false;
                if (remove.Replay)
                    await ForgetDeliveryAsync(database, connection, remove);
                return true;
            case InsertWorkflow insert:
                return await TaskChanges.InsertAsync(database, connection, insert, trailRef);
            case InsertQuarantine { Entry: var e }:
                return await Run(
                    $"INSERT INTO quarantine ({ArchiveRows.QuarantineColumns}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)" + database.OrIgnore("id"),
                    e.Id.ToColumn(), e.Message?.ToColumn(), e.Attachment?.ToColumn(), e.From, e.To, e.Subject, e.Verdict, e.Signature.Cut(1024), e.SignatureVersion.Cut(256),
                    e.Node, e.Silo, e.At.ToColumn(), e.State, e.DecidedAt.ToColumn(), e.DecidedBy, e.Reason, e.Ask?.ToColumn()) > 0;
            case DecideQuarantine decide:
                return await Run(
                    "UPDATE quarantine SET state = ?, decided_by = ?, reason = ?, decided_at = ? WHERE id = ? AND state = 'waiting'",
                    decide.State, decide.Actor, decide.Reason.Cut(1024), decide.At.ToColumn(), decide.Id.ToColumn()) > 0;
            case RaiseEpoch { From: 0 } raise:
                return await Run("INSERT INTO tree (name, epoch) VALUES (?, 1)" + database.OrIgnore("name"), raise.Tree) > 0;
            case RaiseEpoch raise:
                return await Run("UPDATE tree SET epoch = epoch + 1 WHERE name = ? AND epoch = ?", raise.Tree, raise.From) > 0;
            case PutTeamRow { Team: var t } put:
                await Run("REPLACE INTO team (tree, name, function_, weight, node, created_at) VALUES (?,?,?,?,?,?)",
                    put.Tree, t.Name, t.Function, t.Weight, t.Node, t.CreatedAt.ToColumn());
                return true;
            case MoveFromHub { Node: var hub } move:
                await Run("INSERT INTO hub (tree, node, generation, silo, writer, since, left_, epoch, moves) VALUES (?, ?, 0, '', 0, ?, 1, ?, 0)" + database.OrIgnore("tree"),
                    hub.Tree, hub.Index, move.At.ToColumn(), move.Epoch);
                return await Run("UPDATE hub SET generation = generation + 1, moves = moves + 1, epoch = ? WHERE tree = ? AND node = ?", move.Epoch, hub.Tree, hub.Index) > 0;
            case PutWebhookRow put:
                return await WebhookRows.WriteAsync(database, connection, put);
            case RemoveWebhookRow remove:
                return await Run("DELETE FROM webhook WHERE tree = ? AND team = ?", remove.Tree, remove.Team) > 0;
            case RemoveTeamRow remove:
                await Run("DELETE FROM webhook WHERE tree = ? AND team = ?", remove.Tree, remove.Team);
                return await Run("DELETE FROM team WHERE tree = ? AND name = ?", remove.Tree, remove.Team) > 0;
            case InsertAccessKey insert:
                return await Run("INSERT INTO access_key (id, role, team, hash, created_at) VALUES (?,?,?,?,?)" + database.OrIgnore("id"),
                    insert.Key.Id.ToColumn(), (int)insert.Role, insert.Team, insert.Key.Hash, insert.At.ToColumn()) > 0;
            case RevokeAccessKeys { Key: { } key } revoke:
                return await Run("UPDATE access_key SET revoked_at = ? WHERE id = ? AND team = ? AND revoked_at IS NULL",
                    revoke.At.ToColumn(), key.ToColumn(), revoke.Team) > 0;
            case RevokeAccessKeys revoke:
                return await Run("UPDATE access_key SET revoked_at = ? WHERE team = ? AND revoked_at IS NULL", revoke.At.ToColumn(), revoke.Team) > 0;
            case InsertAttachmentChunk chunk:
                return await Run("INSERT INTO attachment_chunk (attachment_id, number, sealed) VALUES (?,?,?)" + database.OrIgnore("number"),
                    chunk.Attachment.ToColumn(), chunk.Number, chunk.Sealed) > 0;
            case InsertAttachment { Info: var i }:
                return await Run(
                    "INSERT INTO attachment (id, team, size, sha256, content_type, chunks, state, created_at) VALUES (?,?,?,?,?,?,?,?)" + database.OrIgnore("id"),
                    i.Id.ToColumn(), i.Team, i.Size, i.Sha256, i.ContentType, i.Chunks, i.State, i.CreatedAt.ToColumn()) > 0;
            case MoveAttachment move:
                if (await Run("UPDATE attachment SET state = ? WHERE id = ? AND state = ?", move.To, move.Id.ToColumn(), move.From) == 0)
                    return false;
                if (move.To == "purged")
                    await Run("DELETE FROM attachment_chunk WHERE attachment_id = ?", move.Id.ToColumn());
                return true;
            case DropAttachmentChunks drop:
                await Run("DELETE FROM attachment_chunk WHERE attachment_id = ?", drop.Attachment.ToColumn());
                return true;
            default:
                throw new NotSupportedException($"no statement for {change.GetType().Name}");
        }
    }

    private static async Task<bool> MakeAsync(Database database, DbConnection connection, Writing writing)
    {
        foreach (Statement statement in writing.Guarded)
        {
            if (await database.ExecuteAsync(connection, null, [statement]) != statement.Rows.Count)
                return false;
        }
        await database.ExecuteAsync(connection, null, writing.After);
        return true;
    }

    // The delivery goes, what its trail led to stays with the message.
    private static async Task ForgetDeliveryAsync(Database database, DbConnection connection, RemoveDeadLetter remove)
    {
        const string one = "message_id = ? AND team = ? AND state <> 0";
        object id = remove.Message.ToColumn();
        await database.ExecuteAsync(connection,
            $"UPDATE message SET trail = {database.JoinTrails("trail", $"(SELECT d.trail FROM delivery d WHERE d.{one.Replace("team", "d.team", StringComparison.Ordinal).Replace("state", "d.state", StringComparison.Ordinal)})")} "
            + $"WHERE id = ? AND EXISTS (SELECT 1 FROM delivery WHERE {one})", id, remove.Team, id, id, remove.Team);
        await database.ExecuteAsync(connection, $"DELETE FROM delivery WHERE {one}", id, remove.Team);
    }
}
