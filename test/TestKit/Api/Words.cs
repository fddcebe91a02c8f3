using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using ShitOps.Client;

namespace ShitOps.TestKit.Api;

/// <summary>What tests send and look at, in few words.</summary>
[SuppressMessage("Naming", "CA1708", Justification = "The rule takes two extension blocks for one name.")]
public static class Words
{
    extension(NewMessage)
    {
        /// <summary>A message whose body is that object.</summary>
        public static NewMessage Of(string to, object body) => new(to) { Body = Json.Of(body) };
    }

    extension(NewAsk)
    {
        /// <summary>A question that stays open for that long.</summary>
        public static NewAsk Open(string to, TimeSpan time) => new(to, TimeProvider.System.GetUtcNow() + time) { Body = Json.Of("?") };

        /// <summary>A question that a test answers before its deadline.</summary>
        /// <param name="kind">list, tally, sum, min or max; null leaves it to the API.</param>
        public static NewAsk Of(string to, string? kind = null, string? jsonPointer = null) =>
            NewAsk.Open(to, TimeSpan.FromMinutes(5)) with { Collate = kind is null ? null : new(kind, jsonPointer) };
    }

    extension(NewTask)
    {
        /// <summary>A task of a workflow, titled as its key.</summary>
        public static NewTask Of(string key, ApiClient assignee, params string[] dependsOn) =>
            new($"do {key}", assignee.Name) { Key = key, DependsOn = dependsOn.Length == 0 ? null : dependsOn };
    }

    extension(Problem problem)
    {
        /// <summary>The whole of it.</summary>
        public string Text => Encoding.UTF8.GetString(Json.Bytes(problem));
    }

    extension(InboxMessage message)
    {
        /// <summary>The body's JSON text as it came.</summary>
        public string BodyText => message.Body.ValueKind == JsonValueKind.Undefined ? throw new JsonException("the message has no JSON body") : message.Body.GetRawText();
    }

    extension(TaskInfo task)
    {
        public bool HasBody => IsThere(task.Body);
        public bool HasResult => IsThere(task.Result);
    }

    extension(AskInfo ask)
    {
        public bool HasResult => IsThere(ask.Result);
    }

    extension(WorkflowInfo flow)
    {
        public Guid IdOf(string key) => flow.Ids[key];

        public TaskInfo Task(string key) => flow.Tasks.Single(task => task.Key == key);

        /// <summary>The state of every task, in the order in which they were given.</summary>
        public IEnumerable<(string?, string)> States => flow.Tasks.Select(task => (task.Key, task.State));
    }

    private static bool IsThere(JsonElement json) => json.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
}
