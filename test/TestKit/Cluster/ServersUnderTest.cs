namespace ShitOps.TestKit.Cluster;

/// <summary>The database server below a cluster: a real one, stopped and started at will on one port and one folder.</summary>
public interface IDatabaseUnderTest : IAsyncDisposable
{
    string ConnectionString { get; }

    /// <summary>Where the server keeps its files.</summary>
    string DataFolder { get; }

    int ProcessId { get; }

    /// <summary>False after it ended, whoever ended it.</summary>
    bool IsRunning { get; }

    string Output { get; }

    Task StartAsync();

    /// <summary>Ends the process: 15 for an orderly stop, 9 for a crash.</summary>
    Task StopAsync(int signal = Signals.Terminate);

    /// <summary>Stops or continues it: it hangs, with its connections open.</summary>
    void Signal(int signal);

    /// <summary>The whole database as text, bytes as they are.</summary>
    Task<byte[]> DumpAsync();
}

/// <summary>The malware scanner beside a cluster: a real clamd on one port.</summary>
public interface IClamdUnderTest : IAsyncDisposable
{
    int Port { get; }

    int ProcessId { get; }

    string Output { get; }

    Task StartAsync();

    Task StopAsync(int signal = Signals.Terminate);

    /// <summary>Stops or continues it: it hangs, with its connections open.</summary>
    void Signal(int signal);

    /// <summary>The same signatures under another version, above 27,000; loaded when this returns.</summary>
    Task ReloadAsync(int version);
}

public static class Signals
{
    public const int Kill = 9, Terminate = 15, Continue = 18, Stop = 19;
}
