using ShitOps.Grains.Storage;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Nodes;

/// <summary>
/// Takes what a hub's own teams post: checks it by the tree, stores it in one transaction, puts it into the outbox. While
/// the transaction is under way nothing may leave that was numbered later: it may be stored and not be in the outbox yet.
/// </summary>
internal sealed class Acceptance(NodeKey node, HubServices hub, Outbox outbox, OutboxLoader loader, HubTeams teams, HubTenure tenure)
{
    private readonly SortedSet<long> _underWay = [];
    private Rate _rate;

    /// <summary>Called when something was stored, or may have been.</summary>
    public Action Changed { get; set; } = static () => { };

    /// <summary>What is numbered below may leave.</summary>
    public long Below => _underWay.Count == 0 ? long.MaxValue : _underWay.Min;

    /// <summary>Messages a second.</summary>
    public double Rate => _rate.Read(hub.Time);

    public async Task<AcceptReply> AcceptAsync(AcceptBatch batch)
    {
        Routes routes;
        Admission admission;
        DateTimeOffset now;
        do
            (routes, admission, now) = await AdmissionAsync(batch);
        while (!teams.Holds(routes));

        var results = new Accepted[batch.Messages.Length];
        var changes = new List<Change>(batch.Messages.Length);
        var entries = new List<(int Index, OutboxEntry? Entry, DateTimeOffset? Due)>(batch.Messages.Length);
        long first = loader.LastSequence + 1;
        for (int i = 0; i < results.Length; i++)
        {
            NewMessage message = batch.Messages[i];
            AcceptStatus status = loader.Total + changes.Count >= hub.Options.OutboxCapacity ? AcceptStatus.HubFull : admission.Check(message);
            results[i] = new(status, message.Id, MessageState.Queued);
            if (status != AcceptStatus.Accepted)
                continue;
            bool later = message.DeliverAt > now;
            long sequence = later ? message.DeliverAt!.Value.ToUnixTimeMilliseconds() : loader.NextSequence();
            changes.Add(admission.Change(message, sequence, later));
            entries.Add((i, later ? null : Entry(message, sequence, now), later ? message.DeliverAt : null));
        }
        if (changes.Count == 0)
            return new(routes.Snapshot.Epoch, results);
        await StoreAsync(changes, entries, results, loader.LastSequence >= first ? first : null);
        _rate.Add(changes.Count, hub.Time);
        Changed();
        return new(routes.Snapshot.Epoch, results);
    }

    private async Task<(Routes, Admission, DateTimeOffset Now)> AdmissionAsync(AcceptBatch batch)
    {
        Routes routes = await teams.FollowAsync(batch.Epoch);
        if (batch.Messages.Any(m => routes.Find(m.To) is null || routes.Snapshot.Find(m.From) is null))
        {
            routes = await hub.Router.NewestAsync();
            await teams.FollowAsync(routes);
        }
        DateTimeOffset now = hub.Time.GetUtcNow();
        var admission = new Admission(node, routes, hub, now);
        await admission.LoadAttachmentsAsync(batch.Messages);
        return (routes, admission, now);
    }

    /// <param name="first">No number given is lower; null if none was given.</param>
    private async Task StoreAsync(List<Change> changes, List<(int Index, OutboxEntry? Entry, DateTimeOffset? Due)> entries, Accepted[] results, long? first)
    {
        if (first is { } begun)
            _underWay.Add(begun);
        try
        {
            ChangeResult[] stored = await tenure.CommitAsync(changes);
            for (int c = 0; c < stored.Length; c++)
                Book(entries[c], stored[c], results);
        }
        catch (NotCommittedException)
        {
            Fail(entries, results, AcceptStatus.NotStored);
        }
        catch (CommitUnknownException)
        {
            Fail(entries, results, AcceptStatus.Unknown);
            outbox.Doubt();
        }
        finally
        {
            if (first is { } ended)
                _underWay.Remove(ended);
        }
    }

    private OutboxEntry Entry(NewMessage message, long sequence, DateTimeOffset now)
    {
        var entry = OutboxEntry.From(message, sequence, now);
        if (outbox.Count < Limits.BodiesInMemory)
            entry.Body = new StoredBody(message.Id, message.BodyKind, message.SealedBody, message.Subject, message.Attachments);
        return entry;
    }

    private void Book((int Index, OutboxEntry? Entry, DateTimeOffset? Due) accepted, ChangeResult stored, Accepted[] results)
    {
        if (stored.Applied)
        {
            loader.Total++;
            if (accepted.Entry is not null)
                outbox.Add(accepted.Entry);
            else
                loader.Scheduled(accepted.Due!.Value);
        }
        else if (stored.Existing is { } existing)
        {
            Guid asked = results[accepted.Index].Id;
            AcceptStatus status = existing.Id == asked ? AcceptStatus.Accepted : existing.SameRequest ? AcceptStatus.Repeated : AcceptStatus.KeyReused;
            results[accepted.Index] = new(status, existing.Id, existing.State);
            // A call repeated after its first answer was lost: the row may be one this activation has not seen.
            if (existing.Id == asked && !existing.State.IsSettled() && !outbox.Contains(asked))
                outbox.Doubt();
        }
        else
        {
            results[accepted.Index] = results[accepted.Index] with { Status = AcceptStatus.NotStored };
        }
    }

    private static void Fail(List<(int Index, OutboxEntry? Entry, DateTimeOffset? Due)> entries, Accepted[] results, AcceptStatus status)
    {
        foreach ((int index, _, _) in entries)
            results[index] = results[index] with { Status = status };
    }
}
