using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tasks;

/// <summary>Refusals of a workflow's grain as problems.</summary>
internal static class TaskProblems
{
    /// <summary>Null: it was created, now or before.</summary>
    public static Problem? Of(CreateWorkflowReply reply, WorkflowDraft draft)
    {
        switch (reply.Status)
        {
            case CreateWorkflowStatus.Created or CreateWorkflowStatus.Repeated:
                return null;
            case CreateWorkflowStatus.KeyReused:
                return Known.KeyReused;
            case CreateWorkflowStatus.ScannerUnavailable:
                return Known.ScannerAway;
            case CreateWorkflowStatus.Infected:
                return Infected(reply.Faults.Length == 1 ? reply.Faults[0].Detail : null, FaultsOf(reply, draft).Found);
            default:
                Faults faults = FaultsOf(reply, draft);
                return faults.Any ? faults.ToProblem() : new Problem(422, "invalid_request", "The workflow was refused.");
        }
    }

    /// <summary>Null: it was done.</summary>
    public static Problem? Of(TaskActReply reply, string action) => reply.Status switch
    {
        TaskActStatus.Done => null,
        TaskActStatus.NotAllowed => Known.NotAllowed,
        TaskActStatus.WrongState => WrongTransition(reply, action),
        TaskActStatus.UnknownTeam => Messages.AcceptProblems.Of(new Fault("/assignee", "unknown_team", reply.Detail ?? "There is no such team.")),
        TaskActStatus.Infected => Infected(reply.Detail, null),
        TaskActStatus.ScannerUnavailable => Known.ScannerAway,
        _ => Known.NotFound,
    };

    private static Problem WrongTransition(TaskActReply reply, string action)
    {
        string? state = reply.Task is { } task ? Words.Of(task.State) : null;
        return new Problem(409, "wrong_transition", reply.Detail ?? $"The task is {state}, which does not allow {action}.") { State = state };
    }

    private static Problem Infected(string? detail, IReadOnlyList<Fault>? errors) =>
        new(422, errors is { Count: > 0 } && errors.All(e => e.Code == "unscannable") ? "unscannable" : "infected",
            detail ?? "The scanner refused the content; nothing was stored.", errors);

    private static Faults FaultsOf(CreateWorkflowReply reply, WorkflowDraft draft)
    {
        var faults = new Faults();
        foreach (TaskFault fault in reply.Faults)
            faults.Add(draft.At(fault.Task) + (fault.Field.Length == 0 ? "" : "/" + fault.Field), fault.Code, fault.Detail);
        return faults;
    }
}
