using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Tree;

/// <summary>Cancels what a team that has left was to do. Each workflow does it itself, so that what depends on it follows.</summary>
internal sealed class OpenTasks(ITaskStore tasks)
{
    private const string Reason = "team_removed";
    private const int AtATime = 200;

    public async Task<bool> AnyAsync(string team) => (await tasks.OpenOfAsync(team, 1)).Count > 0;

    public async Task CancelAllAsync(string team, string actor, IGrainFactory grains)
    {
        while (await tasks.OpenOfAsync(team, AtATime) is { Count: > 0 } open)
        {
            TaskActReply[] replies = await Task.WhenAll(open.Select(o =>
                grains.GetGrain<IWorkflowGrain>(o.Workflow).Act(new TaskCommand(o.Task, TaskAction.Cancel, Caller: null, actor, Reason: Reason))));
            // One that ended meanwhile, or went to another team, is not found again; if none was cancelled or had ended, the next look would find the same.
            if (!Array.Exists(replies, r => r.Status is TaskActStatus.Done or TaskActStatus.WrongState))
                return;
        }
    }
}
