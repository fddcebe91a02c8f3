namespace ShitOps.Grains.Journal;

/// <summary>Sends the journal to where it is searched. Fulfilled by the silo.</summary>
public interface IJournalExport
{
    /// <summary>False: it goes nowhere.</summary>
    bool IsOn { get; }

    ExportStatus Status { get; }

    /// <summary>The nodes of a tree as they are now, to be sent beside the journal; every ten seconds.</summary>
    void Measured(string tree, IReadOnlyList<NodeStatus> nodes);

    /// <summary>
    /// Sends what the journal holds and what comes later, in order, until told to stop; whatever fails is tried again. Two
    /// that run at once send some of it twice and store it once.
    /// </summary>
    Task RunAsync(CancellationToken stop);
}

/// <summary>For silos that were not told where to send it.</summary>
public sealed class NoJournalExport : IJournalExport
{
    public bool IsOn => false;

    public ExportStatus Status { get; } = new();

    public void Measured(string tree, IReadOnlyList<NodeStatus> nodes)
    {
    }

    public Task RunAsync(CancellationToken stop) => Task.CompletedTask;
}
