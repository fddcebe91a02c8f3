namespace ShitOps.Grains;

/// <summary>Lets the changes of a reentrant grain go one after another, in the order in which they came. For one scheduler only.</summary>
internal sealed class Turns
{
    private Task _last = Task.CompletedTask;

    public async Task<T> Take<T>(Func<Task<T>> change)
    {
        Task before = _last;
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _last = mine.Task;
        await before;
        try
        {
            return await change();
        }
        finally
        {
            mine.SetResult();
        }
    }
}
