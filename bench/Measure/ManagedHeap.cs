using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers;

namespace ShitOps.Bench;

/// <summary>The garbage collector of another .NET process, asked over its diagnostics port.</summary>
public static class ManagedHeap
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Has it collect everything, and tells what is left: bytes of the managed heap.</summary>
    /// <exception cref="TimeoutException">It did not answer.</exception>
    public static async Task<long> CollectAsync(int process, CancellationToken stop)
    {
        // The keyword GCHeapCollect makes it collect once when the session begins.
        const long keywords = (long)(ClrTraceEventParser.Keywords.GC | ClrTraceEventParser.Keywords.GCHeapCollect);
        var client = new DiagnosticsClient(process);
        using EventPipeSession session = await client.StartEventPipeSessionAsync(
            [new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, keywords)], requestRundown: false, token: stop);
        var left = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task reading = Task.Run(() => Read(session, left), stop);
        try
        {
            return await left.Task.WaitAsync(Patience, TimeProvider.System, stop);
        }
        finally
        {
            await session.StopAsync(CancellationToken.None);
            await reading.WaitAsync(Patience, TimeProvider.System, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static void Read(EventPipeSession session, TaskCompletionSource<long> left)
    {
        bool full = false;
        using var source = new EventPipeEventSource(session.EventStream);
        source.Clr.GCStart += gc => full = gc.Depth == 2 && gc.Reason is not Microsoft.Diagnostics.Tracing.Parsers.Clr.GCReason.AllocSmall;
        source.Clr.GCHeapStats += heap =>
        {
            if (full)
                left.TrySetResult(heap.TotalHeapSize);
        };
        source.Process();
    }
}
