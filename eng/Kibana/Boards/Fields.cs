using ShitOps.Kibana.Model;

namespace ShitOps.Kibana.Boards;

/// <summary>The fields that dashboards, searches and rules use. They are defined by the templates in <c>src/Silo/Elastic/Templates</c>.</summary>
internal static class Fields
{
    public static readonly Field
        Timestamp = Date("@timestamp"),
        Kind = Word("event.kind"),
        EventType = Word("event.action"),
        EventId = Word("event.id"),
        Reason = Word("event.reason"),
        // Nanoseconds.
        Duration = Number("event.duration"),
        Trace = Word("trace.id"),
        BodySize = Number("file.size"),
        Signature = Word("rule.name"),
        Digest = Word("file.hash.sha256"),
        MessageId = Word("shitops.message.id"),
        AskId = Word("shitops.ask.id"),
        TaskId = Word("shitops.task.id"),
        // The ask or task: in its own events and in those of the messages that it causes.
        Reference = Word("shitops.reference"),
        From = Word("shitops.team.from"),
        To = Word("shitops.team.to"),
        Node = Number("shitops.node"),
        Silo = Word("shitops.silo"),
        Attempt = Number("shitops.attempt"),
        Verdict = Word("shitops.verdict"),
        SignatureVersion = Word("shitops.signature.version"),
        Actor = Word("shitops.actor"),
        // Metric documents, every 10 s: one for each node, and one for the journal.
        MetricNode = Number("shitops.metrics.node"),
        Health = Word("shitops.metrics.health"),
        Queue = Number("shitops.metrics.queue"),
        Held = Number("shitops.metrics.held"),
        Accepted = Number("shitops.metrics.accepted"),
        Forwarded = Number("shitops.metrics.forwarded"),
        Delivered = Number("shitops.metrics.delivered"),
        LagEvents = Number("shitops.metrics.lag_events"),
        LagSeconds = Number("shitops.metrics.lag_seconds");

    private static Field Word(string name) => new(name, FieldKind.Word);

    private static Field Number(string name) => new(name, FieldKind.Number);

    private static Field Date(string name) => new(name, FieldKind.Date);
}
