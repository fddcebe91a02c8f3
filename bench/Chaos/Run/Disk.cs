namespace ShitOps.Chaos.Run;

/// <summary>A small disk in memory for the database. Mounted in a mount namespace of this process's own: gone with it.</summary>
internal sealed class Disk : IAsyncDisposable
{
    private const int Megabytes = 700;
    private readonly TempFolder _folder = new();

    private Disk()
    {
    }

    public string DataFolder => _folder.File("disk/data");

    private string Ballast => _folder.File("disk/ballast");

    public static async Task<Disk> CreateAsync()
    {
        var disk = new Disk();
        Directory.CreateDirectory(disk._folder.File("disk"));
        await Command.RunAsync("mount", "-t", "tmpfs", "-o", $"size={Megabytes}m", "shitops-chaos", disk._folder.File("disk"));
        Directory.CreateDirectory(disk.DataFolder);
        return disk;
    }

    /// <summary>Not a byte is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.Read, 1);
        byte[] bytes = new byte[1 << 20];
        for (int size = bytes.Length; size > 0;)
        {
            try
            {
                file.Write(bytes, 0, size);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    public void Free() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        await Command.RunAsync("umount", _folder.File("disk"));
        _folder.Dispose();
    }
}
