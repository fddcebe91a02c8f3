using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Telemetry;

namespace ShitOps.Silo.Store;

/// <summary>A commit that waits, or is being tried. At its deadline it fails: surely not stored while it waits, unknown while it is tried.</summary>
internal sealed class Pending
{
    private enum Stage { Waiting, Trying, Over }

    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<ChangeResult[]> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _timer;
    private Stage _stage;

    public Pending(Commit commit, TimeProvider time)
    {
        Commit = commit;
        foreach (Change change in commit.Changes)
        {
            Weight += Weigh(change);
            foreach (JournalEvent told in change.Events)
                Weight += 40 + (told.Reason?.Length ?? 0);
        }
        _timer = time.CreateTimer(static self => ((Pending)self!).Expire(), this, commit.Deadline ?? DefaultDeadline, Timeout.InfiniteTimeSpan);
    }

    public Commit Commit { get; }

    /// <summary>The step of a trace that waits for it, null without one.</summary>
    public string? TraceParent { get; } = SiloTrace.Here();

    /// <summary>About the bytes it takes on the way to the database.</summary>
    public long Weight { get; }

    public Task<ChangeResult[]> Task => _done.Task;

    public bool IsOver
    {
        get { lock (_lock) return _stage == Stage.Over; }
    }

    /// <summary>False: it is over.</summary>
    public bool Try()
    {
        lock (_lock)
        {
            if (_stage == Stage.Over)
                return false;
            _stage = Stage.Trying;
            return true;
        }
    }

    /// <summary>The try surely left nothing behind.</summary>
    public void Wait()
    {
        lock (_lock)
        {
            if (_stage == Stage.Trying)
                _stage = Stage.Waiting;
        }
    }

    public void Succeed(ChangeResult[] results)
    {
        if (End())
            _done.SetResult(results);
    }

    public void Fail(Exception error)
    {
        if (End())
            _done.SetException(error);
    }

    private bool End()
    {
        lock (_lock)
        {
            if (_stage == Stage.Over)
                return false;
            _stage = Stage.Over;
        }
        _timer.Dispose();
        return true;
    }

    private void Expire()
    {
        bool tried;
        lock (_lock)
        {
            if (_stage == Stage.Over)
                return;
            tried = _stage == Stage.Trying;
            _stage = Stage.Over;
        }
        _timer.Dispose();
        _done.SetException(tried
            ? new CommitUnknownException("the database did not answer in time; the commit may have happened")
            : new NotCommittedException("the database did not take the commit in time"));
    }

    private static long Weigh(Change change) => change switch
    {
        InsertMessage insert => 600 + insert.Message.SealedBody.Length + (insert.Ask is { } ask ? 100L * (ask.Nodes.Count + ask.Teams.Count) : 0),
        InsertAttachmentChunk chunk => 200 + chunk.Sealed.Length,
        PutReply put => 300 + put.Reply.SealedBody.Length,
        PutCollation put => 200 + put.Data.Length,
        EndAsk end => 300 + end.SealedResult.Length,
        InsertWorkflow insert => 400 + insert.Tasks.Sum(row => 400L + (row.Task.SealedBody?.Length ?? 0) + (60L * row.Edges.Count)),
        MoveTasks move => 200 + (20L * move.Tasks.Count) + (move.SealedResult?.Length ?? 0),
        _ => 200,
    };
}
