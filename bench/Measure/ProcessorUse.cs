namespace ShitOps.Bench;

/// <summary>What processes have used of the processor since this was made, and what the database has written.</summary>
public sealed class ProcessorUse
{
    private const string Database = "database";
    private readonly (string Name, int Id, double Before)[] _processes;
    private readonly double _written;

    public ProcessorUse(IEnumerable<(string Name, int Id)> processes)
    {
        _processes = [.. processes.Select(p => (p.Name, p.Id, ProcessorTime.Of(p.Id)))];
        _written = Written();
    }

    /// <summary>Adds <c>cpu.NAME</c> for each and <c>cpu.all</c>, in µs a message, and <c>written.database</c>.</summary>
    public void AddTo(Figures figures, long messages)
    {
        double all = 0;
        foreach ((string name, int id, double before) in _processes)
        {
            double used = ProcessorTime.Of(id) - before;
            all += used;
            figures.Add($"cpu.{name}", used / messages * 1e6, "µs/message");
        }
        figures.Add("cpu.all", all / messages * 1e6, "µs/message");
        if (Array.Exists(_processes, p => p.Name == Database))
            figures.Add("written.database", (Written() - _written) / messages / 1024, "KiB/message");
    }

    /// <summary>Bytes sent to the disk: redo log, doublewrite buffer and pages.</summary>
    private double Written() => _processes.Where(p => p.Name == Database).Sum(p => ProcessorTime.WrittenBy(p.Id));
}
