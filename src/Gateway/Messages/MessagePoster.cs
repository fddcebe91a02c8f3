using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ShitOps.Gateway.Asks;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary>A message that is on its way, or what is wrong with it.</summary>
internal readonly record struct Posted(PendingAccept? Item, Problem? Problem);

/// <summary>Reads one message of some kind. Null and no faults: the draft is whole in itself.</summary>
internal delegate Problem? DraftReader(ReadOnlyMemory<byte> json, out MessageDraft draft, out Faults faults);

/// <summary>One request that posts messages: its sender and the tree as this request sees it.</summary>
internal sealed class PostContext(string team)
{
    public string Team => team;
    public TreeSnapshot Tree { get; set; } = TreeSnapshot.Empty(Limits.DefaultTree);
    public TeamPlace? Place => Tree.Find(team);
    /// <summary>The tree was asked for afresh; a request does so once at most.</summary>
    public bool Refreshed { get; set; }
}

/// <summary>Reads, checks, seals and sends messages: the same way for a single post, for a line of a bulk and for an ask.</summary>
internal sealed class MessagePoster(
    IGrainFactory grains, TreeWatch tree, ClusterCalls calls, AcceptQueues queues, IBodyVault vault, TimeProvider time)
{
    /// <exception cref="ProblemException">403: the team has left the tree. 503: the tree is out of reach.</exception>
    public async ValueTask<PostContext> BeginAsync(string team, CancellationToken stop)
    {
        var context = new PostContext(team) { Tree = tree.Current ?? await calls.RetryAsync(tree.FetchAsync, stop) };
        if (context.Place is null)
            await RefreshAsync(context, stop);
        return context;
    }

    /// <summary>Checks and seals; <paramref name="json"/> is not needed any more when this returns. What is ready is for the caller to <see cref="Send"/>.</summary>
    public async ValueTask<Posted> PrepareAsync(
        PostContext context, ReadOnlyMemory<byte> json, DraftReader read, string? idempotencyKey, string? traceParent, CancellationToken stop)
    {
        long start = time.GetTimestamp();
        if (read(json, out MessageDraft draft, out Faults faults) is { } unreadable)
            return new(null, unreadable);
        draft.IdempotencyKey ??= idempotencyKey;
        await CheckAsync(context, draft, faults, stop);
        if (faults.Any)
            return new(null, faults.ToProblem());
        draft.TraceParent = traceParent;
        var item = new PendingAccept(await SealAsync(context.Team, draft, stop), start);
        return new(item, null);
    }

    /// <summary>Puts what is ready into its hub's queue, all of it at once and in order.</summary>
    public void Send(PostContext context, ReadOnlySpan<Posted> posted)
    {
        var items = new List<PendingAccept>(posted.Length);
        foreach (Posted one in posted)
        {
            if (one.Item is { } item)
                items.Add(item);
        }
        queues.Enqueue(CollectionsMarshal.AsSpan(items), context.Place!.Node);
    }

    private async ValueTask<NewMessage> SealAsync(string team, MessageDraft draft, CancellationToken stop)
    {
        DateTimeOffset now = time.GetUtcNow();
        Guid id = Guid.CreateVersion7(now);
        byte[] sha256 = SHA256.HashData(draft.Body.Span);
        return new NewMessage
        {
            Id = id,
            From = team,
            To = draft.To!,
            Subject = draft.Subject,
            ContentType = draft.ContentType!,
            BodyKind = draft.BodyKind,
            SealedBody = await vault.SealAsync(draft.Body, id, 0, stop),
            Size = draft.Body.Length,
            Sha256 = sha256,
            OrderingKey = draft.OrderingKey,
            Priority = draft.Priority,
            DeliverAt = draft.DeliverAt,
            // Time to live begins when it may first be delivered.
            ExpiresAt = draft.Ask?.Deadline ?? (draft.Ttl is { } ttl ? (draft.DeliverAt ?? now).AddSeconds(ttl) : null),
            CorrelationId = draft.CorrelationId,
            TraceParent = draft.TraceParent,
            Attachments = draft.Attachments,
            IdempotencyKey = draft.IdempotencyKey,
            RequestDigest = draft.IdempotencyKey is null ? null : RequestDigest.Of(draft, sha256),
            Kind = draft.Ask is null ? MessageKind.Message : MessageKind.Ask,
            Reference = draft.Ask is null ? null : id,
            Ask = draft.Ask?.ToSpec(),
        };
    }

    private async ValueTask CheckAsync(PostContext context, MessageDraft draft, Faults faults, CancellationToken stop)
    {
        CheckTime(draft, faults);
        if (draft.To is not null && !faults.Has("/to"))
        {
            Fault? fault = Recipients.Check(context.Tree, context.Team, draft.Address);
            if (fault is { Code: not "own_team" } && !context.Refreshed)
            {
                await RefreshAsync(context, stop);
                fault = Recipients.Check(context.Tree, context.Team, draft.Address);
            }
            if (fault is { } found)
                faults.Add(found);
        }
        if (draft.Ask is { } ask)
            await CheckAskAsync(context, draft, ask, faults, stop);
        if (draft.Attachments.Length > 0)
            await CheckAttachmentsAsync(context.Team, draft.Attachments, faults, stop);
    }

    private async ValueTask CheckAskAsync(PostContext context, MessageDraft draft, AskDraft ask, Faults faults, CancellationToken stop)
    {
        AskRules.CheckDeadline(ask, time.GetUtcNow(), draft.IdempotencyKey is not null, faults);
        if (ask.Quorum is not { } quorum || faults.Has("/to"))
            return;
        // Teams may have joined since this gateway last looked.
        if (quorum > Recipients.Count(context.Tree, context.Team, draft.Address) && !context.Refreshed)
            await RefreshAsync(context, stop);
        AskRules.CheckQuorum(quorum, Recipients.Count(context.Tree, context.Team, draft.Address), faults);
    }

    private void CheckTime(MessageDraft draft, Faults faults)
    {
        if (draft.DeliverAt is not { } at)
            return;
        DateTimeOffset now = time.GetUtcNow();
        // With a key it may be the repeat of a post that was stored when its time was still to come: only the database
        // knows, in the transaction that stores it. If it is the first, its time has come, and it goes at once.
        if (at <= now && draft.IdempotencyKey is null)
            faults.Add("/deliverAt", "in_past", "'deliverAt' is in the past.");
        else if (at > now + Limits.MaxDeliverAhead)
            faults.Add("/deliverAt", "out_of_range", $"'deliverAt' is more than {Limits.MaxDeliverAhead.Days} days ahead.");
    }

    private async Task CheckAttachmentsAsync(string team, Guid[] attachments, Faults faults, CancellationToken stop)
    {
        AttachmentInfo?[] found = await Task.WhenAll(attachments.Select(id => calls.RetryAsync(() => grains.Attachment(id).Info(), stop)));
        for (int i = 0; i < found.Length; i++)
        {
            if (found[i] is not { State: "clean" or "released" } info || info.Team != team)
                faults.Add(AcceptProblems.UnknownAttachment($"/attachments/{i}"));
        }
    }

    private async Task RefreshAsync(PostContext context, CancellationToken stop)
    {
        context.Tree = await calls.RetryAsync(tree.FetchAsync, stop);
        context.Refreshed = true;
        if (context.Place is null)
            throw new ProblemException(Known.TeamGone);
    }
}
