using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ShitOps.TestKit;

/// <summary>A server started for a test: its output is kept, it is ended by process id, and never outlives the test process's dispose.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly string _name;

    private ServerProcess(string name, Process process)
    {
        _name = name;
        _process = process;
    }

    public int Id => _process.Id;
    public bool HasExited => _process.HasExited;
    public int ExitCode => _process.ExitCode;
    public string Output => string.Join('\n', _output);

    public static ServerProcess Start(
        string name, string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? "",
        };
        foreach ((string key, string? value) in environment ?? new Dictionary<string, string?>())
            start.Environment[key] = value;
        var server = new ServerProcess(name, new Process { StartInfo = start });
        server._process.OutputDataReceived += (_, line) => server.Keep(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.Keep(line.Data);
        server._process.Start();
        server._process.StandardInput.Close();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        return server;
    }

    private void Keep(string? line)
    {
        if (line is not null)
            _output.Enqueue(line);
    }

    /// <summary>Polls until the server is ready; fails with its output if it exits or takes too long.</summary>
    public async Task UntilAsync(Func<CancellationToken, Task<bool>> ready, TimeSpan? limit = null)
    {
        using var timeout = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(60));
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!timeout.IsCancellationRequested)
        {
            if (HasExited)
                throw new InvalidOperationException($"{_name} exited with {ExitCode}:\n{Output}");
            if (await ready(timeout.Token))
                return;
            try
            {
                await pulse.WaitForNextTickAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
        throw new TimeoutException($"{_name} was not ready in time:\n{Output}");
    }

    public Task WaitForExitAsync(CancellationToken stop = default) => _process.WaitForExitAsync(stop);

    public void Signal(int signal)
    {
        if (!HasExited)
            _ = Kill(_process.Id, signal);
    }

    public async Task StopAsync(int signal = 15)
    {
        Signal(signal);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            // Waits for the end of its output too, which somebody it started may hold open although it is gone.
            using var last = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await _process.WaitForExitAsync(last.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Signal(18);
        await StopAsync();
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}
