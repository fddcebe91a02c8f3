using System.Globalization;
using ShitOps.Chaos.Traffic;

namespace ShitOps.Chaos.Run;

/// <summary>Starts programs again that ended without anybody's doing, as a service manager would: a silo that was declared dead ends itself.</summary>
internal sealed class Keeper : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _keeping;
    private readonly List<string> _ends = [];

    public Keeper(ShitOpsCluster cluster, Injector injector) => _keeping = KeepAsync(cluster, injector);

    /// <summary>Who ended, and how.</summary>
    public IReadOnlyList<string> Ends
    {
        get
        {
            lock (_ends)
                return [.. _ends];
        }
    }

    private async Task KeepAsync(ShitOpsCluster cluster, Injector injector)
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        try
        {
            while (await pulse.WaitForNextTickAsync(_stop.Token))
            {
                foreach (ProgramUnderTest program in cluster.Silos.Concat(cluster.Gateways).Where(p => !p.IsRunning && !injector.IsDown(p)))
                {
                    lock (_ends)
                        _ends.Add(string.Create(CultureInfo.InvariantCulture, $"{program.Name} ended with {program.ExitCode}"));
                    program.Start();
                }
                if (!cluster.Database.IsRunning && !injector.IsDatabaseDown)
                    await RestartAsync(cluster.Database);
            }
        }
        catch (OperationCanceledException)
        {
            // Over.
        }
    }

    private async Task RestartAsync(IDatabaseUnderTest database)
    {
        lock (_ends)
            _ends.Add("the database ended by itself");
        try
        {
            await database.StartAsync();
        }
        catch (Exception error) when (error is InvalidOperationException or TimeoutException)
        {
            lock (_ends)
                _ends.Add($"the database does not start: {Caller.Short(error.Message)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _keeping;
        _stop.Dispose();
    }
}
