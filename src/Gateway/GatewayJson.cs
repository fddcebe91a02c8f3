using System.Text.Json.Serialization;
using ShitOps.Gateway.Asks;
using ShitOps.Gateway.Attachments;
using ShitOps.Gateway.DeadLetters;
using ShitOps.Gateway.Events;
using ShitOps.Gateway.Health;
using ShitOps.Gateway.Inbox;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Messages;
using ShitOps.Gateway.Nodes;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Quarantine;
using ShitOps.Gateway.Tasks;
using ShitOps.Gateway.Teams;
using ShitOps.Gateway.Tree;
using ShitOps.Gateway.Webhooks;

namespace ShitOps.Gateway;

/// <summary>Everything the API writes or describes, compiled: no reflection on the way out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.Strict, Converters = [typeof(UtcConverter)])]
[JsonSerializable(typeof(PostMessage))]
[JsonSerializable(typeof(AcceptedMessage))]
[JsonSerializable(typeof(MessageResource))]
[JsonSerializable(typeof(MessagesPage))]
[JsonSerializable(typeof(AsksPage))]
[JsonSerializable(typeof(TraceResource))]
[JsonSerializable(typeof(EventsPage))]
[JsonSerializable(typeof(VerificationResource))]
[JsonSerializable(typeof(InboxResource))]
[JsonSerializable(typeof(Acknowledge))]
[JsonSerializable(typeof(NotAcknowledge))]
[JsonSerializable(typeof(ExtendLease))]
[JsonSerializable(typeof(Acknowledged))]
[JsonSerializable(typeof(Returned))]
[JsonSerializable(typeof(Extended))]
[JsonSerializable(typeof(PostAsk))]
[JsonSerializable(typeof(AcceptedAsk))]
[JsonSerializable(typeof(AskResource))]
[JsonSerializable(typeof(PostReply))]
[JsonSerializable(typeof(AcceptedReply))]
[JsonSerializable(typeof(RepliesPage))]
[JsonSerializable(typeof(PostTask))]
[JsonSerializable(typeof(PostWorkflow))]
[JsonSerializable(typeof(EndTask))]
[JsonSerializable(typeof(CancelTask))]
[JsonSerializable(typeof(ReassignTask))]
[JsonSerializable(typeof(TaskResource))]
[JsonSerializable(typeof(TasksPage))]
[JsonSerializable(typeof(WorkflowResource))]
[JsonSerializable(typeof(AttachmentResource))]
[JsonSerializable(typeof(QuarantinePage))]
[JsonSerializable(typeof(Decision))]
[JsonSerializable(typeof(Decided))]
[JsonSerializable(typeof(DeadLetterGroups))]
[JsonSerializable(typeof(DeadLetterChoice))]
[JsonSerializable(typeof(Replayed))]
[JsonSerializable(typeof(Discarded))]
[JsonSerializable(typeof(PutTeamBody))]
[JsonSerializable(typeof(CreatedTeam))]
[JsonSerializable(typeof(TeamResource))]
[JsonSerializable(typeof(TeamWithKeys))]
[JsonSerializable(typeof(TeamsPage))]
[JsonSerializable(typeof(CreatedKey))]
[JsonSerializable(typeof(OpenEnds))]
[JsonSerializable(typeof(PutWebhookBody))]
[JsonSerializable(typeof(WebhookResource))]
[JsonSerializable(typeof(WebhookWithSecret))]
[JsonSerializable(typeof(PushResource))]
[JsonSerializable(typeof(TreeResource))]
[JsonSerializable(typeof(RebalanceResource))]
[JsonSerializable(typeof(NodesPage))]
[JsonSerializable(typeof(LiveResource))]
[JsonSerializable(typeof(ReadyResource))]
[JsonSerializable(typeof(ProblemResource))]
[JsonSerializable(typeof(string))]
internal sealed partial class GatewayJson : JsonSerializerContext;
