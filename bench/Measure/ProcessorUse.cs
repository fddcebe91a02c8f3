namespace ShitOps.Bench;

/// <summary>What processes have used of the processor since this was made.</summary>
public sealed class ProcessorUse
{
    private readonly (string Name, int Id, double Before)[] _processes;

    public ProcessorUse(IEnumerable<(string Name, int Id)> processes) => _processes = [.. processes.Select(p => (p.Name, p.Id, ProcessorTime.Of(p.Id)))];

    /// <summary>Adds <c>cpu.NAME</c> for each and <c>cpu.all</c>, in µs a message.</summary>
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
    }
}
