using System.Text.Json;
using System.Text.Json.Serialization;
using ShitOps.Cli.Doctor;
using ShitOps.Client;

namespace ShitOps.Cli;

/// <summary>What stands on standard error with --json when it is no problem of the API.</summary>
internal sealed record Failure(string Error);

/// <summary>How far something is, on standard error.</summary>
internal sealed record Underway(string Progress);

/// <summary>How many it was.</summary>
internal sealed record Count(string Done, int Number);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Failure))]
[JsonSerializable(typeof(Count))]
[JsonSerializable(typeof(Underway))]
[JsonSerializable(typeof(Finding))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(Accepted))]
[JsonSerializable(typeof(AcceptedReply))]
[JsonSerializable(typeof(MessageInfo))]
[JsonSerializable(typeof(Delivery))]
[JsonSerializable(typeof(AskInfo))]
[JsonSerializable(typeof(TaskInfo))]
[JsonSerializable(typeof(JournalEvent))]
[JsonSerializable(typeof(Client.Tree))]
[JsonSerializable(typeof(QuarantineEntry))]
[JsonSerializable(typeof(Decided))]
[JsonSerializable(typeof(DeadLetterGroup))]
[JsonSerializable(typeof(Webhook))]
[JsonSerializable(typeof(WebhookPush))]
internal sealed partial class CliJson : JsonSerializerContext;
