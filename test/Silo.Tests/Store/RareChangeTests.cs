using System.Security.Cryptography;
using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;
using ShitOps.Hosting.Sealing;
using ShitOps.Silo.Store;

namespace ShitOps.Silo.Tests.Store;

public sealed class RareChangesOnMariaDb(OnMariaDb fixture) : RareChangeTests(fixture), IClassFixture<OnMariaDb>;

[Trait("server", "mysql")]
public sealed class RareChangesOnMySql(OnMySql fixture) : RareChangeTests(fixture), IClassFixture<OnMySql>;

public sealed class RareChangesOnSqlite(OnSqlite fixture) : RareChangeTests(fixture), IClassFixture<OnSqlite>;

public abstract class RareChangeTests(StoreFixture fixture)
{
    private readonly StoreProcess _store = fixture.Process;

    private static void Answers(bool[] expected, bool[] actual) => Assert.Equal(expected, actual);

    private IArchiveStore Archive => _store.Get<IArchiveStore>();

    [Fact]
    public async Task The_epoch_rises_by_one_from_the_one_named_only()
    {
        string tree = Make.Team();
        ITreeStore trees = _store.Get<ITreeStore>();
        Assert.Equal((0, 0), ((int)(await trees.LoadAsync(tree)).Epoch, (await trees.LoadAsync(tree)).Teams.Length));
        var team = new TeamPlace("qa-web", "QA é", 1, 4, Make.Now);
        Answers([true, true, true], await _store.AppliedAsync(new RaiseEpoch(tree, 0), new PutTeamRow(tree, team), new PutTeamRow(tree, team with { Name = "a" })));
        Answers([false], await _store.AppliedAsync(new RaiseEpoch(tree, 0)));
        Answers([true, true, true], await _store.AppliedAsync(new RaiseEpoch(tree, 1), new PutTeamRow(tree, team with { Weight = 2 }), new RemoveTeamRow(tree, "a")));
        Answers([false], await _store.AppliedAsync(new RemoveTeamRow(tree, "a")));
        TreeSnapshot snapshot = await trees.LoadAsync(tree);
        Assert.Equal(2, snapshot.Epoch);
        Assert.Equal(team with { Weight = 2 }, Assert.Single(snapshot.Teams));
    }

    [Fact]
    public async Task A_webhook_is_changed_from_the_version_named_only_and_goes_with_its_team()
    {
        string tree = Make.Team();
        IWebhookStore webhooks = _store.Get<IWebhookStore>();
        var key = new TeamKey(tree, Make.Team());
        var team = new TeamPlace(key.Name, "QA", 1, 0, Make.Now);
        SealedSecret first = new(Guid.CreateVersion7(), [1, 2, 3]), second = new(Guid.CreateVersion7(), [4, 5]);
        var row = new WebhookRow(key, Make.Now, "https://hooks.example.org/", Disabled: null, first, Previous: null, PreviousUntil: null, Make.Now, Make.Now, Version: 1);
        Answers([true, true], await _store.AppliedAsync(new RaiseEpoch(tree, 0), new PutTeamRow(tree, team)));
        Assert.Null(await webhooks.FindAsync(key));
        Answers([true], await _store.AppliedAsync(new PutWebhookRow(row, 0)));
        Answers([false], await _store.AppliedAsync(new PutWebhookRow(row, 0)));
        AssertSame(row, await webhooks.FindAsync(key));
        WebhookRow rotated = row with { Secret = second, Previous = first, PreviousUntil = Make.Now.AddDays(1), Version = 2, ChangedAt = Make.Now.AddHours(1) };
        Answers([true], await _store.AppliedAsync(new PutWebhookRow(rotated, 1)));
        Answers([false], await _store.AppliedAsync(new PutWebhookRow(row, 1)));
        AssertSame(rotated, await webhooks.FindAsync(key));

        // Due while something waits and it is on.
        Assert.Empty(await webhooks.DueAsync(tree, "", 10));
        NewMessage message = Make.Message("dev");
        await _store.CommitAsync(Make.Insert(message), Make.Deliver(message.Id, key.Name, "dev"));
        Assert.Equal([key.Name], await webhooks.DueAsync(tree, "", 10));
        Assert.Empty(await webhooks.DueAsync(tree, key.Name, 10));
        Answers([true], await _store.AppliedAsync(new PutWebhookRow(rotated with { Disabled = "gone", Version = 3 }, 2)));
        Assert.Empty(await webhooks.DueAsync(tree, "", 10));
        Assert.Equal("gone", (await webhooks.FindAsync(key))?.Disabled);
        Answers([true, false], await _store.AppliedAsync(new RemoveWebhookRow(tree, key.Name), new RemoveWebhookRow(tree, key.Name)));

        // A team of the same name inherits neither what went with the old one nor what was written while it left.
        Answers([true, true], await _store.AppliedAsync(new PutWebhookRow(row, 0), new RemoveTeamRow(tree, key.Name)));
        Answers([true, true], await _store.AppliedAsync(new PutWebhookRow(row, 0), new PutTeamRow(tree, team with { CreatedAt = Make.Now.AddSeconds(1) })));
        Assert.Null(await webhooks.FindAsync(key));
        Assert.Empty(await webhooks.DueAsync(tree, "", 10));
        WebhookRow anew = row with { TeamSince = Make.Now.AddSeconds(1), Secret = second };
        Answers([true], await _store.AppliedAsync(new PutWebhookRow(anew, 0)));
        AssertSame(anew, await webhooks.FindAsync(key));
    }

    private static void AssertSame(WebhookRow expected, WebhookRow? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Secret.Sealed, actual.Secret.Sealed);
        Assert.Equal(expected.Previous?.Sealed, actual.Previous?.Sealed);
        Assert.Equal(expected with { Secret = actual.Secret, Previous = actual.Previous }, actual);
        Assert.Equal((expected.Secret.Id, expected.Previous?.Id), (actual.Secret.Id, actual.Previous?.Id));
    }

    [Fact]
    public async Task A_key_is_found_by_its_hash_until_it_is_revoked()
    {
        string team = Make.Team();
        IAccessKeyStore keys = _store.Get<IAccessKeyStore>();
        NewAccessKey[] made = [.. Enumerable.Range(0, 3).Select(_ => new NewAccessKey(Guid.CreateVersion7(), RandomNumberGenerator.GetBytes(32)))];
        Answers([true, true, true], await _store.AppliedAsync([.. made.Select(key => new InsertAccessKey(key, Role.Team, team, Make.Now))]));
        Answers([false], await _store.AppliedAsync(new InsertAccessKey(made[0] with { Id = Guid.CreateVersion7() }, Role.Operator, null, Make.Now)));
        Assert.Equal(new AccessKey(made[0].Id, Role.Team, team, Make.Now), await keys.FindAsync(made[0].Hash));
        Assert.Null(await keys.FindAsync(new byte[32]));
        Answers([true, false], await _store.AppliedAsync(new RevokeAccessKeys(team, made[0].Id, Make.Now), new RevokeAccessKeys(Make.Team(), made[1].Id, Make.Now)));
        Assert.Null(await keys.FindAsync(made[0].Hash));
        Assert.Equal(2, (await keys.OfTeamAsync(team)).Count);
        Answers([true], await _store.AppliedAsync(new RevokeAccessKeys(team, null, Make.Now)));
        Assert.Empty(await keys.OfTeamAsync(team));
        Answers([false], await _store.AppliedAsync(new RevokeAccessKeys(team, null, Make.Now)));
        Assert.False(await keys.AnyAsync(Role.Security));
    }

    [Fact]
    public async Task A_quarantine_entry_is_decided_on_once()
    {
        NewMessage m = Make.Message("a");
        QuarantineView[] entries = [.. Enumerable.Range(0, 3).Select(i => new QuarantineView
        {
            Id = Guid.CreateVersion7(Make.Now.AddSeconds(i)), Message = i == 0 ? m.Id : null, Attachment = i == 0 ? null : Guid.CreateVersion7(), From = "a", To = "qa", Subject = "s",
            Verdict = "infected", Signature = "Eicar", SignatureVersion = "1.4.6/27000", Node = 2, Silo = "silo-1", At = Make.Now, State = "waiting",
        })];
        await _store.CommitAsync([Make.Insert(m), Make.Move(m.Id, MessageState.Quarantined), .. entries.Select(e => new InsertQuarantine(e))]);
        Answers([false], await _store.AppliedAsync(new InsertQuarantine(entries[0])));
        Assert.Equal(entries[0], (await Archive.MessageAsync(m.Id))!.Quarantine);
        var decide = new DecideQuarantine(entries[0].Id, "released", "security:1", "false alarm", Make.Now.AddHours(1))
        {
            Events = [Make.Told(EventTypes.QuarantineReleased, m.Id, Make.Now.AddHours(1))],
        };
        Answers([true], await _store.AppliedAsync(decide));
        Answers([false], await _store.AppliedAsync(decide with { State = "purged" }));
        Assert.Equal(("released", "security:1"), ((await Archive.QuarantineEntryAsync(entries[0].Id))!.State, (await Archive.QuarantineEntryAsync(entries[0].Id))!.DecidedBy));
        // The decision touched no row of the message, and is in its trace all the same.
        Assert.Equal(EventTypes.QuarantineReleased, (await Archive.TraceAsync(m.Id))[^1].Type);
        Page<QuarantineView> page = await Archive.QuarantineAsync("waiting", null, 1);
        Assert.Equal(entries[2], Assert.Single(page.Items));
        page = await Archive.QuarantineAsync("waiting", page.Next, 1);
        Assert.Equal(entries[1], Assert.Single(page.Items));
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task A_dead_letter_is_replayed_with_its_trace_kept()
    {
        string team = Make.Team(), reason = "8 attempts " + team + new string('é', 600);
        NewMessage m = Make.Message("a"), other = Make.Message("a");
        await _store.CommitAsync(Make.Insert(m), Make.Insert(other), Make.Move(m.Id, MessageState.Delivered), Make.Deliver(m.Id, team));
        Change dead = new InsertDeadLetter(m.Id, team, "a", reason, 8, Make.Now);
        Answers([true, true, true], await _store.AppliedAsync(
            new MoveDelivery(m.Id, team, DeliveryState.Dead, 8, Make.Now) { Events = [Make.Told(EventTypes.MessageDead, m.Id, Make.Now.AddHours(1))] }, dead,
            new InsertDeadLetter(other.Id, team, "a", reason, 8, Make.Now)));
        Answers([false], await _store.AppliedAsync(dead));
        Assert.Equal(MessageState.Dead, (await Archive.MessageAsync(m.Id))!.State);
        DeadLetterGroup group = Assert.Single(await Archive.DeadLettersAsync(team, null, 1));
        Assert.Equal((reason[..512], 2, 1), (group.Reason, group.Count, group.Items.Length));
        Assert.Equal("qa", Assert.Single(await Archive.FindDeadLettersAsync([m.Id], null, null, 10)).To);
        Assert.Equal(2, (await Archive.FindDeadLettersAsync(null, reason, null, 10)).Count);

        Answers([true], await _store.AppliedAsync(new RemoveDeadLetter(m.Id, team, Replay: true)));
        Answers([false], await _store.AppliedAsync(new RemoveDeadLetter(m.Id, team, Replay: true)));
        Assert.Empty((await Archive.MessageAsync(m.Id))!.Deliveries);
        Assert.Contains(await Archive.TraceAsync(m.Id), e => e.Type == EventTypes.MessageDead);
        Answers([true], await _store.AppliedAsync(Make.Deliver(m.Id, team)));
        Answers([true], await _store.AppliedAsync(new RemoveDeadLetter(other.Id, team, Replay: false) { Events = [Make.Told(EventTypes.MessageDiscarded, other.Id, Make.Now.AddHours(2))] }));
        Assert.Equal(EventTypes.MessageDiscarded, (await Archive.TraceAsync(other.Id))[^1].Type);
    }

    [Fact]
    public async Task An_attachment_is_read_by_sender_and_recipients_only_and_purging_destroys_it()
    {
        string sender = Make.Team(), recipient = Make.Team();
        IAttachmentStore attachments = _store.Get<IAttachmentStore>();
        var info = new AttachmentInfo(Guid.CreateVersion7(), sender, 5, new byte[32], "text/plain", 2, "clean", Make.Now);
        Answers([true, true, false, true], await _store.AppliedAsync(new InsertAttachmentChunk(info.Id, 0, [0, 1, 2]), new InsertAttachmentChunk(info.Id, 1, [3]),
            new InsertAttachmentChunk(info.Id, 1, [4]), new InsertAttachment(info)));
        Assert.Equivalent(info, await attachments.InfoAsync(info.Id), strict: true);
        Assert.Single(await attachments.InfosAsync([info.Id, Guid.CreateVersion7()]));
        Assert.Equal([3], await attachments.ChunkAsync(info.Id, 1));
        NewMessage m = Make.Message(sender) with { Attachments = [info.Id] };
        await _store.CommitAsync(Make.Insert(m), Make.Deliver(m.Id, recipient));
        Assert.True(await attachments.MayReadAsync(info.Id, sender));
        Assert.True(await attachments.MayReadAsync(info.Id, recipient));
        Assert.False(await attachments.MayReadAsync(info.Id, Make.Team()));
        Answers([false, true], await _store.AppliedAsync(new MoveAttachment(info.Id, "quarantined", "purged"), new MoveAttachment(info.Id, "clean", "purged")));
        Assert.Null(await attachments.ChunkAsync(info.Id, 0));
        Guid broken = Guid.CreateVersion7();
        Answers([true, true], await _store.AppliedAsync(new InsertAttachmentChunk(broken, 0, [1]), new DropAttachmentChunks(broken)));
        Assert.Null(await attachments.ChunkAsync(broken, 0));
    }

    [Fact]
    public async Task Keys_of_both_kinds_are_kept()
    {
        IDataKeyRows keys = _store.Get<IDataKeyRows>();
        // The journal's chain takes one that opens, which these do not.
        await _store.Get<JournalWriter>().IdAsync();
        int before = (await keys.NewestAsync())!.Id;
        WrappedDataKey first = await keys.AddAsync([1, 2], Make.Now, Make.Now.AddDays(1)), second = await keys.AddAsync([3], Make.Now, Make.Now.AddDays(2));
        Assert.True(before < first.Id && first.Id < second.Id);
        Assert.Equivalent(second, await keys.NewestAsync(), strict: true);
        Assert.Equivalent(first, await keys.FindAsync(first.Id), strict: true);
        IKeyRingRows ring = _store.Get<IKeyRingRows>();
        string[] earlier = [.. ring.ReadAll()];
        ring.Add("key-1", "<key>é</key>");
        ring.Add("key-2", "<key/>");
        Assert.Equal([.. earlier, "<key>é</key>", "<key/>"], ring.ReadAll());
    }

    [Fact]
    public async Task Retention_deletes_what_is_old_and_settled_and_nothing_that_waits()
    {
        // Ids and times of forty days ago.
        DateTimeOffset old = TimeProvider.System.GetUtcNow().AddDays(-40);
        NewMessage Old() => Make.Message("a") with { Id = Guid.CreateVersion7(old), SealedBody = [1] };
        NewMessage settled = Old(), unread = Old(), queued = Old(), fresh = Make.Message("a");
        MoveMessage Deliver(NewMessage m) => new(m.Id, MessageStateSet.Unsettled, MessageState.Delivered, old);
        await _store.CommitAsync(Make.Insert(settled, at: old), Make.Insert(unread, at: old), Make.Insert(queued, at: old), Make.Insert(fresh),
            Deliver(settled), Deliver(unread), Deliver(fresh), Make.Deliver(unread.Id, "b"), Make.Deliver(settled.Id, "b"), Make.Ack(settled.Id, "b"));
        Assert.True(await _store.Get<Retention>().RunAsync() >= 2);
        Assert.Null(await Archive.MessageAsync(settled.Id));
        Assert.NotNull(await Archive.MessageAsync(unread.Id));
        Assert.NotNull(await Archive.MessageAsync(queued.Id));
        Assert.NotNull(await Archive.MessageAsync(fresh.Id));
        Assert.NotEmpty(await Archive.TraceAsync(fresh.Id));
    }
}
