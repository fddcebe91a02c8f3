namespace ShitOps.Bench;

/// <summary>
/// A folder in memory where there is such a file system: clamd writes each content to a file before it looks at it.
/// Gone when disposed.
/// </summary>
public sealed class Scratch : IDisposable
{
    private const string Memory = "/dev/shm";

    public Scratch()
    {
        Path = System.IO.Path.Combine(Directory.Exists(Memory) ? Memory : System.IO.Path.GetTempPath(), $"shitops-bench-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
