using Microsoft.Extensions.Logging;
using ShitOps.Grains.Collation;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Operations;

/// <summary>
/// Looks for what is due and wakes whoever owns it. Keeps nothing: what a sweep missed or could not wake is found by the
/// next, and two of these do no harm.
/// </summary>
[Reentrant]
public sealed class DeadlineGrain(IAskStore asks, ITaskStore tasks, IWebhookStore webhooks, TimeProvider time, ILogger<DeadlineGrain> log) : Grain, IDeadlineGrain
{
    /// <summary>Rows of one kind a sweep looks at. Those that cannot be woken do not stand in the way of others for long: they are the oldest, and few.</summary>
    private const int PerSweep = 500;

    /// <summary>Wakes under way at a time.</summary>
    private const int AtOnce = 300;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>A node that is ready passes its answers by itself; only after this time something went wrong.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _waking = new(StringComparer.Ordinal);
    private bool _failing;

    /// <summary>Webhooks up to this team were looked at; there may be more than one sweep wakes.</summary>
    private string _lastWebhook = "";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(SweepAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Period) { Interleave = true, KeepAlive = true });
        return Task.CompletedTask;
    }

    public Task Ping() => Task.CompletedTask;

    private async Task SweepAsync()
    {
        string tree = this.GetPrimaryKeyString();
        DateTimeOffset now = time.GetUtcNow();
        bool failed = !await LookAsync(async () =>
        {
            foreach ((Guid ask, int top) in await asks.DueAsync(tree, now, PerSweep))
                Wake(new CollationKey(tree, ask, top));
        });
        failed |= !await LookAsync(async () =>
        {
            foreach ((Guid ask, int node) in await asks.StrandedAsync(tree, now - Patience, PerSweep))
                Wake(new CollationKey(tree, ask, node));
        });
        failed |= !await LookAsync(async () => Wake(await tasks.OverdueAsync(now, PerSweep)));
        failed |= !await LookAsync(async () => Wake(await tasks.StrandedAsync(PerSweep)));
        failed |= !await LookAsync(async () =>
        {
            IReadOnlyList<string> teams = await webhooks.DueAsync(tree, _lastWebhook, PerSweep);
            foreach (string team in teams)
                WakeOne($"webhook {team}", () => GrainFactory.GetGrain<IWebhookGrain>(new TeamKey(tree, team).ToString()).Wake());
            _lastWebhook = teams.Count == PerSweep ? teams[^1] : "";
        });
        _failing = failed;
    }

    /// <summary>One look that fails leaves the others alone. While the database is away that is told once, not four times a second.</summary>
    private async Task<bool> LookAsync(Func<Task> look)
    {
        try
        {
            await look();
            return true;
        }
        catch (Exception error)
        {
            if (!_failing)
                CollationLog.SweepFailed(log, this.GetPrimaryKeyString(), error);
            _failing = true;
            return false;
        }
    }

    private void Wake(CollationKey collation) => WakeOne($"ask {collation}", () => GrainFactory.GetGrain<ICollationGrain>(collation.ToString()).Wake());

    private void Wake(IReadOnlyList<Guid> workflows)
    {
        foreach (Guid workflow in workflows)
            WakeOne($"workflow {workflow}", () => GrainFactory.GetGrain<IWorkflowGrain>(workflow).Wake());
    }

    /// <summary>Not awaited by the sweep: one grain that does not answer must not keep the others waiting.</summary>
    private async void WakeOne(string grain, Func<Task> wake)
    {
        if (_waking.Count >= AtOnce || !_waking.Add(grain))
            return;
        try
        {
            await wake();
        }
        catch (Exception error)
        {
            CollationLog.WakeFailed(log, grain, error);
        }
        finally
        {
            _waking.Remove(grain);
        }
    }
}
