using System.Security.Cryptography;
using ShitOps.Gateway.Messages;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tasks;

/// <summary>Gives a checked draft its ids, seals its bodies and digests it as a whole.</summary>
internal sealed class WorkflowBuilder(IBodyVault vault, TimeProvider time)
{
    public async ValueTask<NewWorkflow> BuildAsync(
        WorkflowDraft draft, Dictionary<string, int> keys, ReadOnlyMemory<byte> json, string team, string? idempotencyKey, string? traceParent, CancellationToken stop)
    {
        DateTimeOffset now = time.GetUtcNow();
        Guid id = TaskIds.Workflow(idempotencyKey, team, draft.Single, now);
        Guid[] ids = [.. draft.Tasks.Select((_, place) => TaskIds.Task(id, place, idempotencyKey is not null, draft.Single, now))];
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.Add(draft.Name);
        var tasks = new NewTask[ids.Length];
        for (int i = 0; i < tasks.Length; i++)
        {
            TaskDraft task = draft.Tasks[i];
            ReadOnlyMemory<byte> body = task.Body is { } place ? json[place] : default;
            byte[]? sha256 = task.Body is null ? null : SHA256.HashData(body.Span);
            Add(digest, task, sha256);
            tasks[i] = new NewTask
            {
                Id = ids[i],
                Key = task.Key,
                Title = task.Title!,
                Assignee = task.Assignee!,
                SealedBody = sha256 is null ? null : await vault.SealAsync(body, ids[i], 0, stop),
                Size = body.Length,
                Sha256 = sha256,
                DependsOn = [.. task.DependsOn.Select(d =>
                    new TaskDependency(keys.TryGetValue(d.On, out int other) ? ids[other] : Guid.ParseExact(d.On, "D"), d.OnFailure ?? task.OnFailure))],
                DueAt = task.DueAt,
            };
        }
        return new NewWorkflow { Id = id, Name = draft.Name, Creator = team, Tasks = tasks, TraceParent = traceParent, RequestDigest = digest.GetHashAndReset() };
    }

    private static void Add(IncrementalHash digest, TaskDraft task, byte[]? sha256)
    {
        digest.Add(task.Key);
        digest.Add(task.Title);
        digest.Add(task.Assignee);
        digest.Add(task.DueAt);
        digest.Add(sha256?.Length ?? -1);
        digest.AppendData(sha256 ?? []);
        digest.Add(task.DependsOn.Count);
        foreach (DependencyDraft dependency in task.DependsOn)
        {
            digest.Add(dependency.On);
            digest.Add((long)(dependency.OnFailure ?? task.OnFailure));
        }
    }
}
