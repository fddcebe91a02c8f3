using System.Text.Json;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tasks;

/// <summary>The fields of one task as posted. Its body is not parsed into anything: its place is remembered.</summary>
internal static class TaskFields
{
    private const int LongestReference = 2 * Limits.TaskKeyLength;

    private sealed class Dependency
    {
        public string? Task { get; set; }
        public OnDependencyFailure? OnFailure { get; set; }
    }

    private static readonly (string, FieldReader<TaskDraft>)[] Common =
    [
        ("title", static (ref r, d, f) => d.Title = JsonText.Text(ref r, "title", Limits.TaskTitleLength, f)),
        ("assignee", static (ref r, d, f) => d.Assignee = Team(ref r, "assignee", f)),
        ("body", static (ref r, d, f) => d.Body = Content(ref r, "body", f)),
        ("dependsOn", ReadDependencies),
        ("onDependencyFailure", static (ref r, d, f) => d.OnFailure = Failure(ref r, f) ?? OnDependencyFailure.Fail),
        ("dueAt", static (ref r, d, f) => d.DueAt = JsonText.Time(ref r, "dueAt", f)),
    ];

    private static readonly FieldTable<Dependency> DependencyFields = new(
        ("task", static (ref r, d, f) => d.Task = JsonText.Text(ref r, "task", LongestReference, f)),
        ("onDependencyFailure", static (ref r, d, f) => d.OnFailure = Failure(ref r, f)));

    public static readonly FieldTable<TaskDraft>
        OnItsOwn = new(Common),
        OfWorkflow = new([("key", static (ref r, d, f) => d.Key = JsonText.Text(ref r, "key", Limits.TaskKeyLength, f)), .. Common]);

    /// <summary>What is missing, once the object has been read.</summary>
    public static void Complete(TaskDraft draft, bool keyed, Faults faults)
    {
        if (keyed && draft.Key is null && !faults.Has("/key"))
            faults.Add("/key", "required", "'key' is needed.");
        // Else a dependency might be either.
        if (draft.Key is not null && Guid.TryParse(draft.Key, out _))
            faults.Add("/key", "bad_key", "'key' must not look like an id.");
        if (draft.Title is null && !faults.Has("/title"))
            faults.Add("/title", "required", "'title' is needed.");
        if (draft.Assignee is null && !faults.Has("/assignee"))
            faults.Add("/assignee", "required", "'assignee' is needed.");
    }

    /// <summary>The name of a team, whether or not there is one of it.</summary>
    public static string? Team(ref Utf8JsonReader reader, string field, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null || JsonText.Plain(ref reader, field, faults) is not { } name)
            return null;
        if (TeamKey.IsName(name))
            return name;
        faults.Add("/" + field, "bad_name", $"'{field}' must be a team's name: 1 to {Limits.TeamNameLength} of a-z, 0-9 and -.");
        return null;
    }

    /// <summary>Where content of a task stands in the text; JSON null is none.</summary>
    public static Range? Content(ref Utf8JsonReader reader, string field, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        Range place = JsonText.Value(ref reader, field, faults);
        if (place.End.Value - place.Start.Value > Limits.BodyBytes)
            faults.Add("/" + field, field + "_too_large", $"'{field}' has at most {Limits.BodyBytes} bytes.", 413);
        return place;
    }

    private static OnDependencyFailure? Failure(ref Utf8JsonReader reader, Faults faults)
    {
        const string Field = "onDependencyFailure";
        if (reader.TokenType == JsonTokenType.Null || JsonText.Plain(ref reader, Field, faults) is not { } text)
            return null;
        switch (text)
        {
            case "fail": return OnDependencyFailure.Fail;
            case "ignore": return OnDependencyFailure.Ignore;
        }
        faults.Add("/" + Field, "unknown_value", $"'{Field}' must be one of: fail, ignore.");
        return null;
    }

    private static void ReadDependencies(ref Utf8JsonReader reader, TaskDraft draft, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            JsonText.WrongType(ref reader, "/dependsOn", "a list of tasks", faults);
            return;
        }
        var inner = new Faults();
        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (i == Limits.TaskDependencies)
                faults.Add("/dependsOn", "too_many", $"'dependsOn' takes at most {Limits.TaskDependencies} tasks.");
            if (i >= Limits.TaskDependencies)
            {
                reader.Skip();
                continue;
            }
            if (ReadDependency(ref reader, inner) is { Task: { } on } read)
                draft.DependsOn.Add(new(on, read.OnFailure, i));
            if (inner.Any)
                faults.Take(inner, $"/dependsOn/{i}");
        }
    }

    private static Dependency ReadDependency(ref Utf8JsonReader reader, Faults faults)
    {
        var read = new Dependency();
        if (reader.TokenType == JsonTokenType.String)
        {
            // Its place is the list's, not a field's.
            var own = new Faults();
            read.Task = JsonText.Text(ref reader, "", LongestReference, own);
            foreach (Fault fault in own.Found)
                faults.Add("", fault.Code, $"It must be a key or an id of 1 to {LongestReference} characters.");
        }
        else if (reader.TokenType == JsonTokenType.StartObject)
        {
            DependencyFields.ReadInner(ref reader, read, faults);
            if (read.Task is null && !faults.Has("/task"))
                faults.Add("/task", "required", "'task' is needed: a key or an id.");
        }
        else
        {
            JsonText.WrongType(ref reader, "", "a key, an id or an object", faults);
        }
        return read;
    }
}
