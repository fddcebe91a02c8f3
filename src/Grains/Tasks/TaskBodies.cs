using System.Text.Encodings.Web;
using System.Text.Json;

namespace ShitOps.Grains.Tasks;

/// <summary>A dependency's result as it is told to whoever waited for it.</summary>
/// <param name="Result">JSON; null if there is none.</param>
/// <param name="Omitted">There is one, but it is left out.</param>
internal readonly record struct TaskResult(Guid Task, string? Key, string Title, TaskState State, byte[]? Result, bool Omitted);

/// <summary>Writes the bodies of tasks and notices. Bodies and results have been scanned, and so are JSON.</summary>
internal static class TaskBodies
{
    // What it puts in was read by the scanner; it may be as deep as the scanner goes.
    private static readonly JsonWriterOptions Options = new() { MaxDepth = 1_000, SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="body">JSON; null if there is none.</param>
    /// <param name="room">Bytes for results: those that do not fit are left out, in order.</param>
    /// <param name="limit">Bytes of the whole: dependencies that cannot even be named within it are only counted.</param>
    public static byte[] Task(
        WorkflowTask task, Guid workflow, byte[]? body, bool bodyOmitted, IReadOnlyList<TaskResult> results, int room, int limit)
    {
        int used = 0;
        using var stream = new MemoryStream();
        using var json = new Utf8JsonWriter(stream, Options);
        json.WriteStartObject();
        WriteTask(json, task, workflow);
        json.WritePropertyName("body");
        if (body is null)
            json.WriteNullValue();
        else
            json.WriteRawValue(body, skipInputValidation: true);
        if (bodyOmitted)
            json.WriteBoolean("bodyOmitted", true);
        json.WriteStartArray("results");
        int named = 0;
        foreach (TaskResult result in results)
        {
            if (json.BytesCommitted + json.BytesPending + NameBytes(result.Title) > limit)
                break;
            named++;
            json.WriteStartObject();
            json.WriteString("task", result.Task);
            json.WriteString("key", result.Key);
            json.WriteString("title", result.Title);
            json.WriteString("state", result.State.ToApi());
            bool omitted = result.Omitted || result.Result?.Length > room - used;
            if (!omitted && result.Result is { } bytes)
            {
                used += bytes.Length;
                json.WritePropertyName("result");
                json.WriteRawValue(bytes, skipInputValidation: true);
            }
            else
            {
                json.WriteNull("result");
                if (omitted)
                    json.WriteBoolean("omitted", true);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (named < results.Count)
            json.WriteNumber("resultsOmitted", results.Count - named);
        json.WriteEndObject();
        json.Flush();
        return stream.ToArray();
    }

    /// <summary>What it takes at most to tell of a dependency without its result.</summary>
    public static int NameBytes(string title) => 512 + (6 * title.Length);

    /// <param name="what">overdue, escalated, cancelled or reassigned.</param>
    public static byte[] Notice(string what, WorkflowTask task, Guid workflow, string assignee, string? reason)
    {
        using var stream = new MemoryStream();
        using var json = new Utf8JsonWriter(stream, Options);
        json.WriteStartObject();
        json.WriteString("notice", what);
        WriteTask(json, task, workflow);
        json.WriteString("assignee", assignee);
        json.WriteString("reason", reason);
        json.WriteEndObject();
        json.Flush();
        return stream.ToArray();
    }

    private static void WriteTask(Utf8JsonWriter json, WorkflowTask task, Guid workflow)
    {
        json.WriteString("task", task.Id);
        json.WriteString("workflow", workflow);
        json.WriteString("key", task.Key);
        json.WriteString("title", task.Title);
        if (task.DueAt is { } due)
            json.WriteString("dueAt", due.UtcDateTime);
        else
            json.WriteNull("dueAt");
    }
}
