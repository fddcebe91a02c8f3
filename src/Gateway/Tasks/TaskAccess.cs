using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tasks;

/// <summary>Who may know of a task: who created it, who is to do it, whoever has a task in its workflow, operators.</summary>
internal sealed class TaskAccess(IGrainFactory grains, ClusterCalls calls)
{
    /// <summary>What is to be done and what came of it is for creator and assignee, and for nobody else.</summary>
    public static bool MaySeeContent(TaskView view, Caller caller) =>
        caller.Role == Role.Team && (view.Creator == caller.Team || view.Assignee == caller.Team);

    public static bool MaySee(WorkflowView view, Caller caller) => caller.Role == Role.Operator
        || (caller.Role == Role.Team && (view.Creator == caller.Team || Array.Exists(view.Tasks, t => t.Assignee == caller.Team)));

    /// <exception cref="ProblemException">404: there is no such task, or it is not the caller's to know.</exception>
    public async Task<TaskView> SeenAsync(Guid id, HttpContext http) =>
        await calls.RetryAsync(() => grains.Tasks().Get(id), http.RequestAborted) is { } view && await MaySeeAsync(view, http)
            ? view
            : throw new ProblemException(Known.NotFound);

    private async ValueTask<bool> MaySeeAsync(TaskView view, HttpContext http)
    {
        Caller caller = http.Caller();
        if (caller.Role == Role.Operator || MaySeeContent(view, caller))
            return true;
        if (caller.Role != Role.Team || view.Workflow == view.Id)
            return false;
        var own = new TaskQuery(caller.Team, null, null, view.Workflow, Overdue: false, After: null, Limit: 1);
        return (await calls.RetryAsync(() => grains.Tasks().List(own), http.RequestAborted)).Items.Length > 0;
    }
}
