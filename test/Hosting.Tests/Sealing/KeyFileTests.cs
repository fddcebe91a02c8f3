using ShitOps.Hosting.Sealing;
using ShitOps.TestKit;

namespace ShitOps.Hosting.Tests.Sealing;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class KeyFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_key_file_is_for_its_owner_alone()
    {
        string path = KeyFile.Ensure(Path.Combine(_folder.Path, "data", "key"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(KeyFile.KeyBytes, KeyFile.Read(path).Length);
    }

    [Fact]
    public void An_existing_key_file_is_kept()
    {
        byte[] first = KeyFile.Read(KeyFile.Ensure(_folder.File("key")));
        Assert.Equal(first, KeyFile.Read(KeyFile.Ensure(_folder.File("key"))));
    }

    [Fact]
    public void Processes_that_make_it_at_once_end_with_one_key()
    {
        byte[][] keys = new byte[16][];
        Parallel.For(0, keys.Length, i => keys[i] = KeyFile.Read(KeyFile.Ensure(_folder.File("key"))));
        Assert.All(keys, key => Assert.Equal(keys[0], key));
        Assert.Equal([".key.lock", "key"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("not base64 at all!", "32 random bytes in base64")]
    [InlineData("AAAA", "not 3")]
    [InlineData("", "not 0")]
    public void A_key_file_with_something_else_in_it_is_a_fault(string text, string told)
    {
        File.WriteAllText(_folder.File("key"), text);
        Assert.Contains(told, KeyFile.Fault(_folder.File("key")));
    }

    [Fact]
    public void A_missing_key_file_is_a_fault() => Assert.Contains("there is no file", KeyFile.Fault(_folder.File("none")));
}
