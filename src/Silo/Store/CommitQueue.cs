using System.Data.Common;
using System.Diagnostics;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Telemetry;
using ShitOps.Hosting.Batching;

namespace ShitOps.Silo.Store;

/// <summary>
/// The process's one writer. A transaction takes all commits that wait and one journal row under (writer, number); the
/// number rises only when that row is known to stand, so a gap is proof of loss. When the answer to COMMIT is lost, the
/// next try begins with the same journal row: if it stands already, the commit had happened.
/// </summary>
internal sealed partial class CommitQueue : ICommitQueue, IAsyncDisposable
{
    /// <summary>Commits and bytes of one transaction: some ten thousand rows, half of the smallest max_allowed_packet in use.</summary>
    private const int MaxCommits = 10_000, MaxBytes = 8 * 1024 * 1024;

    private readonly Database _database;
    private readonly JournalWriter _self;
    private readonly TimeProvider _time;
    private readonly SiloMetrics _metrics;
    private readonly ILogger<CommitQueue> _log;
    private readonly GatheringQueue<Pending> _queue;
    private readonly CancellationTokenSource _stop = new();
    private readonly JournalCodec _codec = new();
    private DbConnection? _connection;
    private int _writer;
    private long _number = 1;

    public CommitQueue(Database database, JournalWriter self, TimeProvider time, SiloMetrics metrics, ILogger<CommitQueue> log)
    {
        _database = database;
        _self = self;
        _time = time;
        _metrics = metrics;
        _log = log;
        _queue = new(RunAsync, Fail, MaxCommits, MaxBytes, pending => pending.Weight);
    }

    public Task<ChangeResult[]> CommitAsync(Commit commit)
    {
        if (commit.Changes.Count == 0)
            return Task.FromResult<ChangeResult[]>([]);
        var pending = new Pending(commit, _time);
        _queue.Add(pending);
        return pending.Task;
    }

    /// <summary>The commit of one try whose COMMIT was sent: what to answer if it turns out to have happened.</summary>
    private sealed record Sent(IReadOnlyList<Pending> Commits, IReadOnlyList<ChangeResult[]?> Results, IReadOnlyList<JournalEvent> Events, byte[]? Seal)
    {
        public void Succeed()
        {
            for (int i = 0; i < Commits.Count; i++)
            {
                if (Results[i] is { } results)
                    Commits[i].Succeed(results);
                else
                    Commits[i].Fail(new FencedException($"hub {Commits[i].Commit.Fence?.Node} was taken by another"));
            }
        }
    }

    private void Succeed(Sent sent, long start)
    {
        if (sent.Seal is { } seal)
            _self.Link!.Stands(_number, seal);
        _number++;
        _metrics.Committed(sent.Commits.Count, sent.Events, start);
        sent.Succeed();
    }

    private async Task RunAsync(IReadOnlyList<Pending> batch)
    {
        using Activity? activity = SiloTrace.Batch("commit", ActivityKind.Client, batch.Select(pending => pending.TraceParent), batch.Count);
        bool careful = false;
        Sent? sent = null;
        long start = _metrics.Start();
        for (int attempt = 0; !_stop.IsCancellationRequested; attempt++)
        {
            // With nobody left to answer, a number that may stand must still be settled: an empty row takes it, or is refused.
            if (sent is null && batch.All(pending => pending.IsOver))
                return;
            List<Pending> commits = [];
            Transaction? tried = null;
            try
            {
                if (_connection is null)
                {
                    _connection = await _database.OpenWriterAsync(_stop.Token);
                    _writer = await _self.ConnectAsync(_connection);
                }
                commits.AddRange(batch.Where(pending => pending.Try()));
                if (commits.Count == 0 && sent is null)
                    return;
                tried = new Transaction(_database, _connection, _codec, _self.Link, new TrailRef(_writer, _number), _time.GetUtcNow());
                if (!await tried.PrepareAsync([.. commits.Select(pending => pending.Commit)], careful))
                {
                    sent = null;
                    await tried.RollbackAsync();
                    careful = true;
                    if (attempt > 2)
                        await PauseAsync(attempt);
                    continue;
                }
                sent = new(commits, tried.Results, tried.Events, tried.Seal);
                await tried.CommitAsync();
                Succeed(sent, start);
                return;
            }
            catch (Exception error)
            {
                Fault fault = _database.Classify(error);
                if (fault == Fault.Duplicate && sent is not null && tried is { Began: false } && await StandsAsync())
                {
                    Log.HadHappened(_log, _writer, _number);
                    Succeed(sent, start);
                    return;
                }
                if (tried is { Began: true, Committing: false })
                    sent = null; // Our journal row went in, so no earlier try holds the number.
                await DropConnectionAsync();
                if (fault != Fault.Transient && sent is null && tried is not null)
                {
                    await FailOrIsolateAsync(commits, error);
                    return;
                }
                _metrics.Retried();
                Log.Retrying(_log, attempt, commits.Count, error.Message);
                if (sent is null)
                    commits.ForEach(pending => pending.Wait());
                await PauseAsync(attempt);
            }
        }
        Fail(batch, new OperationCanceledException());
    }

    // One change that no database takes must not take the others of its batch along.
    private async Task FailOrIsolateAsync(List<Pending> commits, Exception error)
    {
        if (commits.Count == 1)
        {
            Log.Refused(_log, error);
            commits[0].Fail(new NotCommittedException("the database refused the commit: " + error.Message, error));
            return;
        }
        foreach (Pending pending in commits)
            pending.Wait();
        foreach (Pending pending in commits)
            await RunAsync([pending]);
    }

    private async Task<bool> StandsAsync()
    {
        await DropConnectionAsync();
        try
        {
            return (await _database.QueryAsync("SELECT 1 FROM journal WHERE writer = ? AND number = ?", [_writer, _number], _ => true, _stop.Token)).Count > 0;
        }
        catch (Exception error) when (_database.Classify(error) == Fault.Transient)
        {
            return false;
        }
    }

    private async Task DropConnectionAsync()
    {
        if (_connection is not { } connection)
            return;
        _connection = null;
        try
        {
            await _database.CloseWriterAsync(connection);
        }
        catch (Exception error)
        {
            Log.CloseFailed(_log, error.Message);
        }
    }

    private Task PauseAsync(int attempt)
    {
        double most = Math.Min(500, 2 * Math.Pow(2, Math.Min(attempt, 10)));
        return Task.Delay(TimeSpan.FromMilliseconds(1 + (Random.Shared.NextDouble() * most)), _time, _stop.Token)
            .ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private void Fail(IReadOnlyList<Pending> batch, Exception error)
    {
        Log.Broken(_log, error);
        foreach (Pending pending in batch)
            pending.Fail(new CommitUnknownException("the commit broke off: " + error.Message, error));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await DropConnectionAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(2000, LogLevel.Information, "Commit {Writer}/{Number} had happened although its answer was lost")]
        public static partial void HadHappened(ILogger log, int writer, long number);

        [LoggerMessage(2001, LogLevel.Warning, "Try {Attempt} of a transaction of {Commits} commits failed and is repeated: {Error}")]
        public static partial void Retrying(ILogger log, int attempt, int commits, string error);

        [LoggerMessage(2002, LogLevel.Error, "The database refuses a commit")]
        public static partial void Refused(ILogger log, Exception error);

        [LoggerMessage(2003, LogLevel.Error, "A batch of commits broke off")]
        public static partial void Broken(ILogger log, Exception error);

        [LoggerMessage(2004, LogLevel.Debug, "Closing a broken connection failed: {Error}")]
        public static partial void CloseFailed(ILogger log, string error);
    }
}
