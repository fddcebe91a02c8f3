using System.Security.Cryptography;

namespace ShitOps.Hosting.Sealing;

/// <summary>The file that wraps the key ring when there is no certificate: 32 random bytes in base64.</summary>
public static class KeyFile
{
    public const int KeyBytes = 32;

    /// <summary>About ten seconds: the others only write a line.</summary>
    private const int MostTries = 10_000;

    /// <summary>Makes the file with mode 0600 if it is not there; answers its full path. Safe when two processes do it at once.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static string Ensure(string path)
    {
        path = Path.GetFullPath(path);
        if (File.Exists(path))
            return path;
        string folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        using FileStream turn = TakeTurn(Path.Combine(folder, $".{Path.GetFileName(path)}.lock"));
        if (File.Exists(path))
            return path;
        // Written whole under another name first: nobody ever sees half a key.
        string draft = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(draft, options))
            writer.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)));
        File.Move(draft, path);
        return path;
    }

    /// <summary>An exclusive lock that ends with the process. A move that must not overwrite is no lock: it looks first and moves then.</summary>
    private static FileStream TakeTurn(string path)
    {
        var wait = new SpinWait();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path) && wait.Count < MostTries)
            {
                wait.SpinOnce();
            }
        }
    }

    /// <summary>Why the file cannot be used, null if it can.</summary>
    internal static string? Fault(string path)
    {
        try
        {
            CryptographicOperations.ZeroMemory(Read(path));
            return null;
        }
        catch (FileNotFoundException)
        {
            return $"there is no file '{path}'";
        }
        catch (DirectoryNotFoundException)
        {
            return $"there is no file '{path}'";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return $"'{path}' cannot be used: {error.Message}";
        }
    }

    /// <exception cref="FormatException">Not exactly 32 bytes in base64.</exception>
    internal static byte[] Read(string path)
    {
        byte[] key;
        try
        {
            key = Convert.FromBase64String(File.ReadAllText(path).Trim());
        }
        catch (FormatException)
        {
            throw new FormatException($"it must hold {KeyBytes} random bytes in base64");
        }
        return key.Length == KeyBytes ? key : throw new FormatException($"it must hold {KeyBytes} random bytes in base64, not {key.Length}");
    }
}
