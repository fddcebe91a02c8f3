using ShitOps.Grains.Journal;
using ShitOps.Kibana.Model;
using static ShitOps.Kibana.Boards.Fields;

namespace ShitOps.Kibana.Boards;

/// <summary>What scanners found, whether they were there, and with which signatures.</summary>
internal static class Security
{
    private static readonly Where Quarantined =
        Where.Is(EventType, EventTypes.MessageQuarantined, EventTypes.AttachmentQuarantined, EventTypes.AskReplyQuarantined);

    private static readonly Where Scanned = Where.Is(EventType, EventTypes.MessageScanned);

    private static readonly Where Outage = Where.Is(EventType, EventTypes.MessageHeld, EventTypes.AskReplyHeld);

    public static Board Board { get; } = new(
        Ids.Security,
        "ShitOps: Security",
        "Verdicts, quarantine by signature and team, scanner outages, age of signatures.",
        "now-24h",
        [new("from", "From", From), new("signature", "Signature", Signature), new("verdict", "Verdict", Verdict)],
        [
            new(6,
                new Number("scanned", "Scans", 12, Measure.Count("scans")) { Where = Scanned },
                new Number("quarantined", "Quarantined", 12, Measure.Count("entries")) { Where = Quarantined },
                new Number("refused", "Tasks refused", 12, Measure.Count("tasks")) { Where = Where.Is(EventType, EventTypes.TaskRefused) },
                new Number("held", "Held without a scanner", 12, Measure.Count("messages and replies")) { Where = Outage }),
            new(12,
                new Chart("verdicts", "Verdicts", 24, Shape.Bars, Split.Time, [Measure.Count("scans")], Split.By(Verdict, "verdict")) { Where = Scanned },
                new Chart("outages", "Scanner outages: held for want of a verdict", 24, Shape.Bars, Split.Time, [Measure.Count("held")], Split.By(Silo, "silo"))
                {
                    Where = Outage,
                }),
            new(14,
                // Without a signature: what could not be scanned.
                new Table("by-signature", "Quarantine by signature and team", 24, [Split.By(Signature, "signature", 20) with { Missing = true }, Split.By(From, "from", 5)], [Measure.Count("entries")])
                {
                    Where = Quarantined,
                },
                new Table("entries", "Quarantined messages", 24, [Split.By(MessageId, "message", 50)], [Measure.Last("signature", Signature), Measure.Last("from", From)])
                {
                    Where = Quarantined, OpensBoard = Ids.OneMessage,
                }),
            new(12,
                new Table("signatures", "Signatures in use: first and last scan with each", 24, [Split.By(SignatureVersion, "signatures")],
                    [Measure.Max("last", Timestamp), Measure.Min("first", Timestamp), Measure.Count("scans")])
                {
                    Where = Scanned,
                },
                new Table("decisions", "Decisions", 24, [Split.By(Actor, "who", 20), Split.By(EventType, "what", 5)], [Measure.Count("entries")])
                {
                    Where = Where.Is(EventType, EventTypes.QuarantineReleased, EventTypes.QuarantinePurged),
                }),
            new(14, new Documents("log", "Quarantine, in order", 48, Ids.Quarantine)),
        ]);
}
