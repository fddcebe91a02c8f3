using System.Text.Json;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tasks;

/// <summary>The fields of a workflow as posted.</summary>
internal static class WorkflowFields
{
    private static readonly FieldTable<WorkflowDraft> Fields = new(
        ("name", static (ref r, d, f) => d.Name = JsonText.Text(ref r, "name", Limits.WorkflowNameLength, f)),
        ("tasks", ReadTasks));

    /// <summary>Reads a workflow, or a task on its own. Null and no faults: the draft is whole in itself.</summary>
    public static Problem? Read(ReadOnlyMemory<byte> json, bool single, out WorkflowDraft draft, out Faults faults)
    {
        draft = new WorkflowDraft(single);
        faults = new Faults();
        if (single)
        {
            var task = new TaskDraft();
            draft.Tasks.Add(task);
            if (TaskFields.OnItsOwn.Read(json.Span, task, faults) is { } unreadable)
                return unreadable;
            TaskFields.Complete(task, keyed: false, faults);
            return null;
        }
        if (Fields.Read(json.Span, draft, faults) is { } problem)
            return problem;
        if (draft.Name is null && !faults.Has("/name"))
            faults.Add("/name", "required", "'name' is needed.");
        if (draft.Tasks.Count == 0 && !faults.Has("/tasks"))
            faults.Add("/tasks", "required", "'tasks' is needed: at least one.");
        return null;
    }

    private static void ReadTasks(ref Utf8JsonReader reader, WorkflowDraft draft, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            JsonText.WrongType(ref reader, "/tasks", "a list of tasks", faults);
            return;
        }
        var inner = new Faults();
        long dependencies = 0;
        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (i == Limits.WorkflowTasks)
                faults.Add("/tasks", "too_many", $"A workflow has at most {Limits.WorkflowTasks} tasks.");
            if (i >= Limits.WorkflowTasks || dependencies > Limits.WorkflowDependencies)
            {
                reader.Skip();
                continue;
            }
            var task = new TaskDraft();
            draft.Tasks.Add(task);
            TaskFields.OfWorkflow.ReadInner(ref reader, task, inner);
            if (!inner.Has(""))
                TaskFields.Complete(task, keyed: true, inner);
            if (inner.Any)
                faults.Take(inner, draft.At(i));
            dependencies += task.DependsOn.Count;
            // What follows is not read: it could fill memory.
            if (dependencies > Limits.WorkflowDependencies)
                faults.Add("/tasks", "too_many", $"A workflow has at most {Limits.WorkflowDependencies} dependencies in all.");
        }
    }
}
