namespace ShitOps.Bench.Tests;

public sealed class TogetherTests
{
    [Fact]
    public async Task One_that_fails_ends_the_others_and_its_cause_is_told()
    {
        using var together = new Together(TestContext.Current.CancellationToken);
        together.Add(stop => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop));
        together.Add(_ => throw new InvalidOperationException("the cause"));
        Assert.Equal("the cause", (await Assert.ThrowsAsync<InvalidOperationException>(together.EndAsync)).Message);
    }

    [Fact]
    public async Task What_runs_beside_is_ended_when_the_one_waited_for_fails()
    {
        var ended = new TaskCompletionSource();
        using (var together = new Together(TestContext.Current.CancellationToken))
        {
            together.Add(async stop =>
            {
                using CancellationTokenRegistration registration = stop.Register(ended.SetResult);
                await ended.Task;
            });
            await Assert.ThrowsAsync<FormatException>(() => together.RunAsync(_ => throw new FormatException()));
        }
        Assert.True(ended.Task.IsCompleted);
    }
}
