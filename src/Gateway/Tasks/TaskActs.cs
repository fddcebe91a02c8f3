using System.Security.Cryptography;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.RateLimits;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tasks;

/// <summary><c>POST /v1/tasks/{id}/start|complete|fail|cancel|reassign</c>.</summary>
internal sealed class TaskActs(
    IGrainFactory grains, ClusterCalls calls, TaskAccess access, ReadTasks read, IBodyVault vault, TeamRates rates, GatewayCounters counters)
{
    private const int ResultPart = 1;

    private sealed class Asked
    {
        public Range? Result { get; set; }
        public string? Reason { get; set; }
        public string? Assignee { get; set; }
    }

    private static readonly (string, FieldReader<Asked>)
        Result = ("result", static (ref r, a, f) => a.Result = TaskFields.Content(ref r, "result", f)),
        Reason = ("reason", static (ref r, a, f) => a.Reason = JsonText.Text(ref r, "reason", Limits.ReasonLength, f)),
        Assignee = ("assignee", static (ref r, a, f) => a.Assignee = TaskFields.Team(ref r, "assignee", f));

    private static readonly FieldTable<Asked> None = new(), Ending = new(Result, Reason), Cancelling = new(Reason), Reassigning = new(Assignee);

    public async Task<IResult> HandleAsync(Guid id, TaskAction action, HttpContext http)
    {
        if (http.Caller().Team is { } team && rates.Take(team, 1, out Problem? tooFast) == 0)
            return tooFast!;
        TaskCommand command = await ReadAsync(id, action, http);
        (TaskView? now, Problem? problem) = await ActAsync(command, await access.SeenAsync(id, http), http.RequestAborted);
        return problem is not null ? problem : await read.AnswerAsync(now!, http);
    }

    /// <param name="view">The task as it was seen; whether the caller may see it was decided before.</param>
    /// <returns>The task as it is now, or why nothing was done.</returns>
    public async Task<(TaskView? Task, Problem? Problem)> ActAsync(TaskCommand command, TaskView view, CancellationToken stop)
    {
        int attempts = 0;
        TaskActReply reply = await calls.RetryAsync(() =>
        {
            attempts++;
            return grains.Workflow(view.Workflow).Act(command);
        }, stop);
        // Done by an earlier attempt of this very request, whose answer was lost.
        TaskView? now = reply.Task;
        bool done = reply.Status == TaskActStatus.Done || (attempts > 1 && IsDone(command, reply.Status, now ??= await ReadAgainAsync(view, stop)));
        if (!done && TaskProblems.Of(reply, Word(command.Action)) is { } problem)
            return (null, problem);
        counters.TaskAction();
        return (now ?? await ReadAgainAsync(view, stop), null);
    }

    /// <summary>For who might know of it before: whoever gave a task away may have no part in it any more.</summary>
    private async Task<TaskView> ReadAgainAsync(TaskView seen, CancellationToken stop) =>
        await calls.RetryAsync(() => grains.Tasks().Get(seen.Id), stop) ?? seen;

    /// <summary>Whoever gave a task away may not do so again; for all else it is the state that tells.</summary>
    private static bool IsDone(TaskCommand command, TaskActStatus status, TaskView now) => (command.Action, status) switch
    {
        (TaskAction.Start, TaskActStatus.WrongState) => now.State == TaskState.Started,
        (TaskAction.Complete, TaskActStatus.WrongState) => now.State == TaskState.Done,
        (TaskAction.Fail, TaskActStatus.WrongState) => now.State == TaskState.Failed,
        (TaskAction.Cancel, TaskActStatus.WrongState) => now.State == TaskState.Cancelled,
        (TaskAction.Reassign, TaskActStatus.NotAllowed) => now.Assignee == command.Assignee,
        _ => false,
    };

    private static FieldTable<Asked> FieldsOf(TaskAction action) => action switch
    {
        TaskAction.Complete or TaskAction.Fail => Ending,
        TaskAction.Cancel => Cancelling,
        TaskAction.Reassign => Reassigning,
        _ => None,
    };

    private async Task<TaskCommand> ReadAsync(Guid id, TaskAction action, HttpContext http)
    {
        var command = new TaskCommand(id, action, http.Caller().Team, http.Caller().Actor);
        using RequestBody body = await RequestBody.ReadAsync(http.Request, Limits.RequestBytes);
        if (body.Bytes.IsEmpty && action != TaskAction.Reassign)
            return command;
        if (!JsonRequest.IsJson(http.Request))
            throw new ProblemException(Known.BadMediaType);
        var asked = new Asked();
        var faults = new Faults();
        if (FieldsOf(action).Read(body.Bytes.Span, asked, faults) is { } unreadable)
            throw new ProblemException(unreadable);
        if (action == TaskAction.Reassign && asked.Assignee is null && !faults.Has("/assignee"))
            faults.Add("/assignee", "required", "'assignee' is needed.");
        faults.ThrowIfAny();
        command = command with { Reason = asked.Reason, Assignee = asked.Assignee };
        return asked.Result is { } place ? await WithResultAsync(command, body.Bytes[place], http.RequestAborted) : command;
    }

    /// <param name="result">JSON, of <see cref="Limits.BodyBytes"/> at most.</param>
    public async Task<TaskCommand> WithResultAsync(TaskCommand command, ReadOnlyMemory<byte> result, CancellationToken stop) => command with
    {
        SealedResult = await vault.SealAsync(result, command.Task, ResultPart, stop),
        ResultSize = result.Length,
        ResultSha256 = SHA256.HashData(result.Span),
    };

    private static string Word(TaskAction action) => action switch
    {
        TaskAction.Start => "start",
        TaskAction.Complete => "complete",
        TaskAction.Fail => "fail",
        TaskAction.Cancel => "cancel",
        _ => "reassign",
    };
}
