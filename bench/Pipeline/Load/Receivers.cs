using System.Diagnostics;
using System.Threading.Channels;

namespace ShitOps.Bench;

/// <summary>The recipients of a run: take what is theirs and acknowledge it, until the ledger says that it was all.</summary>
internal sealed class Receivers(BenchClient client, IReadOnlyList<Team> teams, Ledger ledger, Latencies arrive, Latencies acknowledge) : IDisposable
{
    private const int AtOnce = 16, AcknowledgeAtOnce = 1_000;
    private readonly CancellationTokenSource _over = new();
    private long _lastAcknowledged = Stopwatch.GetTimestamp();

    /// <summary>When the last acknowledgement was answered; a timestamp.</summary>
    public long LastAcknowledged => Volatile.Read(ref _lastAcknowledged);

    public void Dispose() => _over.Dispose();

    /// <summary>Returns when all listen.</summary>
    public async Task StartAsync(Receiving how, Together together)
    {
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int left = how == Receiving.Stream ? teams.Count : 0;
        for (int i = 0; i < teams.Count; i++)
        {
            int team = i;
            together.Add(stop => UntilOverAsync(how == Receiving.Stream
                ? token => StreamAsync(team, () =>
                {
                    if (Interlocked.Decrement(ref left) == 0)
                        listening.SetResult();
                }, token)
                : token => PollAsync(team, int.MaxValue, token), stop));
        }
        together.Add(async stop =>
        {
            await ledger.Done.WaitAsync(stop);
            await _over.CancelAsync();
        });
        if (how == Receiving.Stream)
            await together.RunAsync(stop => listening.Task.WaitAsync(stop));
    }

    /// <summary>Takes everything that the ledger says is due, team by team.</summary>
    public async Task DrainAsync(CancellationToken stop)
    {
        int[] due = ledger.DueByTeam();
        await Parallel.ForEachAsync(Enumerable.Range(0, teams.Count).Where(team => due[team] > 0), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop },
            async (team, token) => await PollAsync(team, due[team], token));
    }

    private async Task UntilOverAsync(Func<CancellationToken, Task> receive, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _over.Token);
        try
        {
            await receive(either.Token);
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // Nobody waits for anything any more.
        }
    }

    private async Task PollAsync(int team, int count, CancellationToken stop)
    {
        for (int received = 0; received < count;)
        {
            List<Arrival> arrivals = await client.LeaseAsync(teams[team].Key, stop);
            foreach (Arrival arrival in arrivals)
                Book(team, arrival);
            received += arrivals.Count;
            await AcknowledgeAsync(team, arrivals, stop);
        }
    }

    private async Task StreamAsync(int team, Action stands, CancellationToken stop)
    {
        // While one acknowledgement is under way the next ones gather.
        Channel<Arrival> arrived = Channel.CreateUnbounded<Arrival>(new() { SingleReader = true, SingleWriter = true });
        using var together = new Together(stop);
        together.Add(async token =>
        {
            var gathered = new List<Arrival>();
            while (await arrived.Reader.WaitToReadAsync(token))
            {
                gathered.Clear();
                while (gathered.Count < AcknowledgeAtOnce && arrived.Reader.TryRead(out Arrival arrival))
                    gathered.Add(arrival);
                await AcknowledgeAsync(team, gathered, token);
            }
        });
        await together.RunAsync(async token =>
        {
            await foreach (Arrival arrival in client.StreamAsync(teams[team].Key, stands, token))
            {
                Book(team, arrival);
                arrived.Writer.TryWrite(arrival);
            }
        });
    }

    private void Book(int team, Arrival arrival)
    {
        ledger.Receive(team, arrival.Id);
        arrive.Add(Stopwatch.GetElapsedTime(arrival.PostedAt));
    }

    private async Task AcknowledgeAsync(int team, List<Arrival> arrivals, CancellationToken stop)
    {
        if (arrivals.Count == 0)
            return;
        await client.AcknowledgeAsync(teams[team].Key, arrivals, stop);
        foreach (Arrival arrival in arrivals)
            acknowledge.Add(Stopwatch.GetElapsedTime(arrival.PostedAt));
        Volatile.Write(ref _lastAcknowledged, Stopwatch.GetTimestamp());
        ledger.Acknowledge(arrivals.Count);
    }
}
