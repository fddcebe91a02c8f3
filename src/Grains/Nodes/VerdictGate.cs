using ShitOps.Grains.Journal;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Nodes;

/// <summary>
/// Nothing passes a node without a clean verdict that is current there. What is not clean goes to quarantine here; what
/// the scanner could not look at is held.
/// </summary>
internal sealed class VerdictGate(NodeKey node, HubServices hub)
{
    /// <param name="SignatureVersion">What the messages that may go on were found clean by.</param>
    public readonly record struct Passed(string SignatureVersion, bool Scanned);

    /// <summary>At the source: every message is scanned (or known by its digest).</summary>
    public async Task<Passed> ScanAsync(IReadOnlyList<OutboxEntry> entries, ForwardStatus?[] statuses)
    {
        var missing = new List<Guid>();
        foreach (OutboxEntry entry in entries)
        {
            if (entry.Body is null && !entry.Envelope.Released)
                missing.Add(entry.Id);
        }
        Dictionary<Guid, StoredBody> stored = await LoadAsync(missing);
        return await ScanAsync(
            entries.Count, i => entries[i].Envelope, i => entries[i].Body ?? stored.GetValueOrDefault(entries[i].Id), statuses);
    }

    /// <summary>On arrival: the verdict carried is enough while it is current here; otherwise the stored bodies are scanned again.</summary>
    public async Task<Passed> CheckAsync(ForwardBatch batch, ForwardStatus?[] statuses)
    {
        if (hub.Scanner.IsCurrent(batch.SignatureVersion))
            return new(batch.SignatureVersion, Scanned: false);
        Dictionary<Guid, StoredBody> stored = await LoadAsync([.. batch.Items.Where(i => !i.Released).Select(i => i.Id)]);
        return await ScanAsync(batch.Items.Length, i => batch.Items[i], i => stored.GetValueOrDefault(batch.Items[i].Id), statuses);
    }

    private async Task<Dictionary<Guid, StoredBody>> LoadAsync(IReadOnlyList<Guid> ids) =>
        ids.Count == 0 ? [] : (await hub.Outbox.LoadBodiesAsync(ids)).ToDictionary(b => b.Id);

    private async Task<Passed> ScanAsync(int count, Func<int, Envelope> envelope, Func<int, StoredBody?> body, ForwardStatus?[] statuses)
    {
        var contents = new List<MessageContent>(count);
        var items = new List<int>(count);
        for (int i = 0; i < count; i++)
        {
            Envelope item = envelope(i);
            if (item.Released)
                continue;
            StoredBody? stored = body(i);
            contents.Add(new MessageContent(item.Id, item.Sha256, stored?.BodyKind ?? BodyKind.Bytes, stored?.Sealed, stored?.Subject, stored?.Attachments ?? []));
            items.Add(i);
        }
        if (contents.Count == 0)
            return new(hub.Scanner.SignatureVersion ?? "", Scanned: false);
        if (hub.Scanner.SignatureVersion is null)
        {
            foreach (int item in items)
                statuses[item] = ForwardStatus.Held;
            return new("", Scanned: false);
        }
        MessageVerdict[] verdicts = await hub.Scanner.ScanAsync(contents);
        var bad = new List<Change>();
        string? version = null;
        for (int c = 0; c < verdicts.Length; c++)
        {
            (_, Verdict verdict, string? by, _) = verdicts[c];
            switch (verdict.Kind)
            {
                case VerdictKind.Clean:
                    // Several engines may have looked: the batch goes by the one that is out of date, if one is.
                    if (version is null || (by is not null && !hub.Scanner.IsCurrent(by)))
                        version = by;
                    break;
                case VerdictKind.Unavailable:
                    statuses[items[c]] = ForwardStatus.Held;
                    break;
                default:
                    Quarantine(bad, envelope(items[c]), contents[c].Subject, verdict, by ?? "");
                    statuses[items[c]] = ForwardStatus.Quarantined;
                    break;
            }
        }
        OrderGuard.HoldBehind(count, envelope, statuses);
        if (bad.Count > 0)
            await hub.Commits.CommitAsync(new Commit(bad));
        return new(version ?? "", Scanned: true);
    }

    private void Quarantine(List<Change> changes, Envelope item, string? subject, Verdict verdict, string version)
    {
        DateTimeOffset now = hub.Time.GetUtcNow();
        string kind = verdict.Kind == VerdictKind.Infected ? "infected" : "unscannable";
        NodeLog.Quarantined(hub.Log, node.ToString(), item.Id, kind, verdict.Detail);
        JournalEvent What(string type) => new(type, now)
        {
            Message = item.Id,
            From = item.From,
            Team = item.To,
            Node = node.Index,
            Silo = hub.Silo,
            Verdict = kind,
            SignatureVersion = version,
            Reason = verdict.Detail,
            Sha256 = item.Sha256,
            TraceParent = item.TraceParent,
        };
        changes.Add(new MoveMessage(item.Id, MessageStateSet.Unsettled, MessageState.Quarantined, now, verdict.Detail)
        {
            Events = [What(EventTypes.MessageScanned), What(EventTypes.MessageQuarantined)],
        });
        // The message's id is the entry's: a second try of the same commit adds no second entry.
        changes.Add(new InsertQuarantine(new QuarantineView
        {
            Id = item.Id,
            Message = item.Id,
            From = item.From,
            To = item.To,
            Subject = subject,
            Verdict = kind,
            Signature = verdict.Detail ?? kind,
            SignatureVersion = version,
            Node = node.Index,
            Silo = hub.Silo,
            At = now,
            State = "waiting",
        }));
    }
}
