using System.Data.Common;
using ShitOps.Grains;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

/// <summary>Rows of asks as what the stores hand out.</summary>
internal static class AskReading
{
    public const string AskColumns =
        "id, tree, from_team, to_spec, subject, top, deadline, quorum, collate_, pointer, state, asked, result_id, asked_at, ended_at, trace_parent";
    public const int AskWidth = 16;

    public static AskRow Ask(DbDataReader row) => new(
        row.Id(0), row.GetString(1), row.GetString(2), row.GetString(3), row.TextOrNull(4), row.GetInt32(5),
        new AskSpec(row.Time(6), row.NumberOrNull(7), (CollateKind)row.GetInt32(8), row.TextOrNull(9)),
        (AskState)row.GetInt32(10), row.GetInt32(11), row.Id(12), row.Time(13), row.TimeOrNull(14), row.TextOrNull(15));

    /// <summary>Followed by the sealed body, or null.</summary>
    public const string AnswerColumns = "team, node, state, reply_id, replied_at, body_kind, content_type, size, sha256";

    public static AnswerRow Answer(DbDataReader row) => new(
        row.GetString(0), row.GetInt32(1), (AnswerState)row.GetInt32(2), row.IdOrNull(3), row.TimeOrNull(4), (BodyKind)(row.NumberOrNull(5) ?? 0),
        row.TextOrNull(6), row.NumberOrNull(7) ?? 0, row.BytesOrNull(8), row.BytesOrNull(9));

    /// <param name="answered">As it was when the ask ended.</param>
    /// <param name="teams">In post-order.</param>
    /// <param name="nodes">In post-order.</param>
    public static AskView View(AskRow ask, int answered, byte[]? result, List<AnswerRow> teams, List<int> nodes)
    {
        ILookup<int, AnswerRow> ofNode = teams.ToLookup(team => team.Node);
        return new AskView
        {
            Id = ask.Id,
            From = ask.From,
            To = ask.To,
            Subject = ask.Subject,
            State = ask.State,
            Spec = ask.Spec,
            AskedAt = ask.AskedAt,
            EndedAt = ask.EndedAt,
            Asked = ask.Asked,
            Answered = ask.State == AskState.Open ? teams.Count(HasAnswered) : answered,
            Missing = [.. teams.Where(team => !HasAnswered(team)).Select(team => new MissingTeam(team.Team, Reason(team.State)))],
            Nodes = [.. nodes.Select(node => new AskNodeView(node, ofNode[node].Count(HasAnswered), [.. ofNode[node].Where(team => !HasAnswered(team)).Select(team => team.Team)]))],
            Result = ask.Result,
            SealedResult = result,
            Teams = [.. teams.Select(team => team.Team)],
        };
    }

    private static bool HasAnswered(AnswerRow team) => team.State == AnswerState.Answered;

    private static string Reason(AnswerState state) => state switch
    {
        AnswerState.Held => "scanner_unavailable",
        AnswerState.Quarantined => "quarantined",
        _ => "no_reply",
    };
}
