using ShitOps.Grains.Journal;
using ShitOps.Grains.Nodes;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Webhooks;

/// <summary>
/// Takes from the inbox as a team that pulls would, and pushes. It keeps nothing that counts: the row says where to, the
/// inbox what is left. The sweep of <see cref="IDeadlineGrain"/> wakes it wherever there is room, also after its silo died.
/// </summary>
[Reentrant]
public sealed class WebhookGrain(WebhookServices services) : Grain, IWebhookGrain, IDisposable
{
    /// <summary>Deliveries taken at a time; the slowest lane of them holds up the next batch.</summary>
    private const int Batch = 64;

    /// <summary>
    /// The same for all webhooks: whoever leases under it gets first what was leased under it and not settled. So a
    /// successor goes on where a silo died, before those leases run out.
    /// </summary>
    private static readonly Guid Request = new("0193a5b2-7c11-7000-8000-5765626f6f6b");

    /// <summary>Beyond the time a push may take.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>With nothing to push it looks on for that long; later ones begin with the sweep.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    private readonly CancellationTokenSource _stop = new();
    private readonly Turns _turns = new();
    private readonly HashSet<Guid> _accepted = [];
    private Task _running = Task.CompletedTask;
    private Task<PushView>? _test;
    private Guid _testRequest;
    private PushView? _last;
    private int _changes;

    private TeamKey Team => TeamKey.Parse(this.GetPrimaryKeyString());

    private ITeamGrain Inbox => GrainFactory.GetGrain<ITeamGrain>(Team.ToString());

    public Task<PutWebhookReply> Put(PutWebhook command) => _turns.Take(async () =>
    {
        if (services.Sender.Refuse(new Uri(command.Url)) is { } fault)
            return new(PutWebhookStatus.Refused, Fault: fault);
        if ((await services.Tree.FetchAsync()).Find(Team.Name) is not { } place)
            return new(PutWebhookStatus.NoSuchTeam);
        WebhookRow? old = await services.Store.FindAsync(Team);
        if (old?.Secret.Id == command.SecretId)
            return new PutWebhookReply(old.Previous is null ? PutWebhookStatus.Created : PutWebhookStatus.Rotated, View(old));
        (WebhookRow row, PutWebhookStatus status) = WebhookChange.Of(old, command, Team, place.CreatedAt, services.Now, Overlap);
        JournalEvent told = new(status == PutWebhookStatus.Rotated ? EventTypes.WebhookRotated : EventTypes.WebhookSet, services.Now)
        {
            Team = Team.Name,
            Actor = command.Actor,
            Reason = WebhookChange.Origin(row.Url),
        };
        await StoreAsync(row, old?.Version ?? 0, told);
        return new PutWebhookReply(status, View(row));
    });

    public async Task<WebhookView?> Read() => await services.Store.FindAsync(Team) is { } row ? View(row) : null;

    public Task<bool> Remove(string actor) => _turns.Take(async () =>
    {
        _changes++;
        ChangeResult[] results = await services.Commits.CommitAsync(new Commit([new RemoveWebhookRow(Team.Tree, Team.Name)
        {
            Events = [new(EventTypes.WebhookRemoved, services.Now) { Team = Team.Name, Actor = actor }],
        }]));
        return results[0].Applied;
    });

    public async Task<WebhookTest> Test(Guid request)
    {
        // One at a time, whoever asks: a team cannot make a load of this.
        if (_test is null || (_test.IsCompleted && _testRequest != request))
        {
            if (await services.Store.FindAsync(Team) is not { } row)
                return new(Exists: false, null);
            if (_test is null || (_test.IsCompleted && _testRequest != request))
                (_testRequest, _test) = (request, SendTestAsync(row));
        }
        Task<PushView> test = _test;
        await ((Task)test).WaitAsync(Limits.LongPoll, services.Time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return new(Exists: true, test.IsCompleted ? await test : null);
    }

    public Task Wake()
    {
        if (_running.IsCompleted && !_stop.IsCancellationRequested)
            _running = RunAsync();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        DateTimeOffset busy = services.Now;
        int failures = 0;
        while (!_stop.IsCancellationRequested && services.Now - busy < Linger)
        {
            try
            {
                int changes = _changes;
                if (await services.Store.FindAsync(Team, _stop.Token) is not { Disabled: null } row)
                    return;
                LeaseRequest request = new(Batch, Limits.LongPoll, services.Sender.Timeout + Lease, Stream: null, Request, Standing: true);
                Delivery[] leased = (await Inbox.Lease(request))?.Value ?? [];
                if (leased.Length > 0)
                {
                    await PushAsync(row, leased, () => _changes == changes && !_stop.IsCancellationRequested);
                    busy = services.Now;
                }
                failures = 0;
            }
            catch (Exception error)
            {
                if (_stop.IsCancellationRequested)
                    return;
                WebhookLog.Interrupted(services.Log, Team.Name, error);
                await Task.Delay(Backoff.After(++failures, Random.Shared.NextDouble()), services.Time, _stop.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }
    }

    private async Task PushAsync(WebhookRow row, Delivery[] leased, Func<bool> mayGoOn)
    {
        using var batch = new PushBatch(services, Inbox, row, _accepted, mayGoOn, _stop.Token);
        try
        {
            await batch.RunAsync(leased);
        }
        finally
        {
            _last = batch.Last ?? _last;
        }
        if (!batch.IsGone)
            return;
        WebhookLog.Disabled(services.Log, Team.Name, "gone");
        await _turns.Take(async () =>
        {
            await StoreAsync(row with { Disabled = "gone", ChangedAt = services.Now }, row.Version, new(EventTypes.WebhookDisabled, services.Now)
            {
                Team = Team.Name,
                Reason = $"gone: {WebhookChange.Origin(row.Url)}",
            });
            return true;
        });
    }

    private async Task<PushView> SendTestAsync(WebhookRow row)
    {
        (_, PushView view) = await PushBatch.AttemptAsync(services, row, $"{_testRequest}_{Team.Name}", WebhookEvent.Test(Team.Name, services.Now),
            await services.SecretsAsync(row), _stop.Token);
        return _last = view;
    }

    /// <exception cref="NotCommittedException">It was changed elsewhere meanwhile.</exception>
    private async Task StoreAsync(WebhookRow row, long from, JournalEvent told)
    {
        _changes++;
        ChangeResult[] results = await services.Commits.CommitAsync(new Commit([new PutWebhookRow(row, from) { Events = [told] }]));
        if (!results[0].Applied)
            throw new NotCommittedException($"The webhook of {Team.Name} was changed meanwhile; try again.");
    }

    private WebhookView View(WebhookRow row) => new()
    {
        Url = row.Url,
        Disabled = row.Disabled,
        CreatedAt = row.CreatedAt,
        ChangedAt = row.ChangedAt,
        PreviousSecretUntil = row.PreviousUntil > services.Now ? row.PreviousUntil : null,
        LastPush = _last,
    };
}
