using System.Diagnostics;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Telemetry;
using ShitOps.Grains.Tree;

namespace ShitOps.Grains.Nodes;

/// <summary>
/// Empties a source node's outbox: takes the oldest messages that may leave, has them scanned, carries them off, books
/// what became of them. One batch at a time keeps the order of pairs. Runs while there is work, sleeps while all waits,
/// ends when the outbox is empty; <see cref="Kick"/> starts it again.
/// </summary>
internal sealed class Pump(NodeKey node, HubServices hub, Outbox outbox, OutboxLoader loader, HubTenure tenure, Carrier carrier, VerdictGate gate, Func<long> below)
{
    private static readonly TimeSpan HoldPause = TimeSpan.FromMilliseconds(250), LongestSleep = TimeSpan.FromMinutes(10);

    private bool _stopped;
    private TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private int _stumbles;
    private long _epoch;

    /// <summary>Called on the node's scheduler whenever something may be able to leave. Called for every message settled, with its last state.</summary>
    public Action<Guid, MessageState> Settled { get; set; } = static (_, _) => { };

    public void Kick()
    {
        _wake.TrySetResult();
        if (_running.IsCompleted && !_stopped)
            _running = RunAsync();
    }

    /// <summary>Ends after the batch under way.</summary>
    public void Stop()
    {
        _stopped = true;
        _wake.TrySetResult();
    }

    public async Task StopAsync()
    {
        Stop();
        await _running;
    }

    private async Task RunAsync()
    {
        while (!_stopped && !hub.Stopping.IsCancellationRequested)
        {
            _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                await loader.PromoteDueAsync();
                await loader.RefillAsync();
                DateTimeOffset now = hub.Time.GetUtcNow();
                List<OutboxEntry> batch = outbox.Take(Limits.PumpBatch, now, below());
                if (batch.Count > 0)
                    await ProcessAsync(batch);
                else if (Earliest(outbox.NextTry(now), loader.NextDue) is { } next)
                    await SleepAsync(next - now);
                else if (outbox.Count == 0 && outbox.Complete)
                    return;
                else
                    await SleepAsync(LongestSleep);
                _stumbles = 0;
            }
            catch (FencedException)
            {
                // Stopped, if the hub is another's; else a team has gone, and the rest goes on.
            }
            catch (Exception error)
            {
                NodeLog.PumpFailed(hub.Log, node.ToString(), error);
                await SleepAsync(Backoff.After(++_stumbles, Random.Shared.NextDouble()));
            }
        }
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;

    private async Task SleepAsync(TimeSpan time)
    {
        if (time > LongestSleep)
            time = LongestSleep;
        if (time > TimeSpan.Zero)
            await _wake.Task.WaitAsync(time, hub.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private async Task ProcessAsync(List<OutboxEntry> batch)
    {
        using Activity? activity = SiloTrace.Batch("process", ActivityKind.Consumer, batch.Select(e => e.Envelope.TraceParent), batch.Count, node.Index);
        var statuses = new ForwardStatus?[batch.Count];
        long known = 0;
        Func<OutboxEntry, bool> missed = static _ => false;
        try
        {
            DateTimeOffset now = hub.Time.GetUtcNow();
            for (int i = 0; i < batch.Count; i++)
            {
                if (batch[i].Envelope.ExpiresAt <= now)
                    statuses[i] = ForwardStatus.Expired;
            }
            VerdictGate.Passed passed = await ScanAsync(batch, statuses);
            foreach (OutboxEntry entry in batch)
                entry.Body = null;
            Routes routes = await hub.Router.AtLeastAsync(Math.Max(_epoch, tenure.Epoch));
            // What other grains put here, or a lost silo accepted, may be for a team that this silo has not heard of yet:
            // a recipient is gone only by what the tree says now.
            if (batch.Exists(e => routes.Find(e.Envelope.To) is null))
                routes = await hub.Router.NewestAsync();
            known = await carrier.CarryAsync(routes, new ForwardBatch
            {
                Epoch = routes.Snapshot.Epoch,
                From = -1,
                Descending = false,
                SignatureVersion = passed.SignatureVersion,
                Hops = [new Hop(node.Index, hub.Silo, hub.Time.GetUtcNow(), passed.SignatureVersion, passed.Scanned, From: -1)],
                Items = [.. batch.Select(e => e.Envelope)],
            }, statuses);
            // Somebody on the way knew a newer tree.
            if (known > routes.Snapshot.Epoch && batch.Exists(e => e.IsToMany))
                missed = Missed(routes, await hub.Router.AtLeastAsync(known));
        }
        catch (Exception error)
        {
            NodeLog.PumpFailed(hub.Log, node.ToString(), error);
            Array.Fill(statuses, ForwardStatus.Failed);
        }
        _epoch = Math.Max(_epoch, known);
        await BookAsync(batch, statuses, missed);
    }

    /// <summary>
    /// A recipient that moved may have been missed at both places. One that joined after the message was accepted was not
    /// meant, so that a tree that grows without end keeps no message on its way for ever.
    /// </summary>
    private static Func<OutboxEntry, bool> Missed(Routes routed, Routes newer)
    {
        TeamPlace[] moved = [.. newer.Snapshot.Teams.Where(t => routed.Snapshot.Find(t.Name)?.Node != t.Node)];
        return entry => newer.Find(entry.Envelope.To) is { } scope
            && Array.Exists(moved, team => scope.Includes(team) && team.Name != entry.Envelope.From
                && (routed.Snapshot.Find(team.Name) is not null || team.CreatedAt <= entry.AcceptedAt));
    }

    /// <summary>Scans what is not expired.</summary>
    private async Task<VerdictGate.Passed> ScanAsync(List<OutboxEntry> batch, ForwardStatus?[] statuses)
    {
        if (Array.TrueForAll(statuses, s => s is null))
            return await gate.ScanAsync(batch, statuses);
        int[] left = [.. Enumerable.Range(0, batch.Count).Where(i => statuses[i] is null)];
        var some = new ForwardStatus?[left.Length];
        VerdictGate.Passed passed = await gate.ScanAsync([.. left.Select(i => batch[i])], some);
        for (int i = 0; i < left.Length; i++)
            statuses[left[i]] = some[i];
        return passed;
    }

    private async Task BookAsync(List<OutboxEntry> batch, ForwardStatus?[] statuses, Func<OutboxEntry, bool> missed)
    {
        var book = new Bookkeeping(node, hub, batch, statuses, missed);
        if (book.Changes.Count > 0)
        {
            try
            {
                await tenure.CommitAsync(book.Changes);
            }
            catch (Exception error)
            {
                // Nothing is lost: whatever was not booked is tried again and found done, here or where its team went.
                if (error is not FencedException)
                    NodeLog.PumpFailed(hub.Log, node.ToString(), error);
                book.RetryAll();
            }
        }
        DateTimeOffset now = hub.Time.GetUtcNow();
        foreach ((OutboxEntry entry, MessageState state) in book.Done)
        {
            outbox.Remove(entry.Id);
            Settled(entry.Id, state);
        }
        foreach ((OutboxEntry entry, TimeSpan pause) in book.Again)
            outbox.PutBack(entry, now + pause);
        foreach (OutboxEntry entry in book.Held)
            outbox.PutBack(entry, now + HoldPause);
        if (book.Held.Count > 0)
            await HoldAsync();
    }

    /// <summary>While the scanner is away everything that waits here is held, and says so.</summary>
    private async Task HoldAsync()
    {
        bool away = hub.Scanner.SignatureVersion is null;
        OutboxEntry[] entries = [.. outbox.NotHeld.Where(e => away || e.NotBefore > hub.Time.GetUtcNow()).Take(Limits.OutboxWindow)];
        if (entries.Length == 0)
            return;
        NodeLog.Held(hub.Log, node.ToString(), entries.Length);
        DateTimeOffset now = hub.Time.GetUtcNow();
        await tenure.CommitAsync([.. entries.Select(e => new MoveMessage(
            e.Id, MessageStateSet.Of(MessageState.Queued), MessageState.Held, now, "scanner_unavailable")
        {
            Events =
            [
                new JournalEvent(EventTypes.MessageHeld, now)
                {
                    Message = e.Id, From = e.Envelope.From, Team = e.Envelope.To, Node = node.Index, Silo = hub.Silo,
                    Verdict = "unavailable", TraceParent = e.Envelope.TraceParent,
                },
            ],
        })]);
        foreach (OutboxEntry entry in entries)
            outbox.MarkHeld(entry);
    }
}
