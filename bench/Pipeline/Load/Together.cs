using System.Runtime.ExceptionServices;

namespace ShitOps.Bench;

/// <summary>Tasks that need each other: when one fails all end, and what is told is the first cause.</summary>
internal sealed class Together : IDisposable
{
    private readonly CancellationTokenSource _end;
    private readonly List<Task> _tasks = [];
    private ExceptionDispatchInfo? _cause;

    public Together(CancellationToken stop) => _end = CancellationTokenSource.CreateLinkedTokenSource(stop);

    public void Add(Func<CancellationToken, Task> work)
    {
        lock (_tasks)
            _tasks.Add(Task.Run(() => GuardAsync(work)));
    }

    /// <summary>Does this beside the others, and waits for this alone.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> work)
    {
        await GuardAsync(work);
        _cause?.Throw();
    }

    /// <summary>Waits for all.</summary>
    public async Task EndAsync()
    {
        Task[] tasks;
        lock (_tasks)
            tasks = [.. _tasks];
        await Task.WhenAll(tasks);
        _cause?.Throw();
    }

    public void Dispose()
    {
        _end.Cancel();
        Task[] tasks;
        lock (_tasks)
            tasks = [.. _tasks];
        // Whoever uses what is disposed of next must have ended.
        Task.WaitAll(tasks);
        _end.Dispose();
    }

    private async Task GuardAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_end.Token);
        }
        catch (Exception error)
        {
            Interlocked.CompareExchange(ref _cause, ExceptionDispatchInfo.Capture(error), null);
            await _end.CancelAsync();
        }
    }
}
