using Microsoft.Extensions.Logging;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Tasks;

/// <summary>What every workflow of a silo shares.</summary>
public sealed class WorkflowServices(
    Router router, ICommitQueue commits, ITaskStore store, MessageScanner scanner, IBodyOpener opener, IBodySealer sealer, ILocalSiloDetails silo,
    TimeProvider time, ILogger<WorkflowServices> log)
{
    public Router Router => router;
    public ICommitQueue Commits => commits;
    public ITaskStore Store => store;
    public MessageScanner Scanner => scanner;
    public IBodyOpener Opener => opener;
    public IBodySealer Sealer => sealer;
    public string Silo => silo.Name;
    public TimeProvider Time => time;
    public ILogger Log => log;

    /// <summary>Routes that know these teams, unless the tree itself does not.</summary>
    public async ValueTask<Routes> RoutesAsync(IEnumerable<string> teams)
    {
        Routes known = await router.AtLeastAsync(0);
        return teams.All(team => known.Snapshot.Find(team) is not null) ? known : await router.NewestAsync();
    }
}

internal static partial class TaskLog
{
    [LoggerMessage(1301, LogLevel.Warning, "Workflow {Workflow} was changed by another activation at version {Version}; it is read anew")]
    public static partial void Overtaken(ILogger log, Guid workflow, int version);

    [LoggerMessage(1302, LogLevel.Debug, "Node {Node} was not told of new messages; it will look by itself")]
    public static partial void WakeFailed(ILogger log, string node, Exception error);

    [LoggerMessage(1303, LogLevel.Debug, "Workflows that depend on {Workflow} were not woken; the sweep will find them")]
    public static partial void DependentsNotWoken(ILogger log, Guid workflow, Exception error);

    [LoggerMessage(1304, LogLevel.Warning, "Task {Task}: {What} refused: {Verdict} {Detail}")]
    public static partial void Refused(ILogger log, Guid task, string what, string verdict, string? detail);

    [LoggerMessage(1305, LogLevel.Error, "Task {Task}: its body or result does not open and is left out of a message")]
    public static partial void DoesNotOpen(ILogger log, Guid task, Exception error);
}
