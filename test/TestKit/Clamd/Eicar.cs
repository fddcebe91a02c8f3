using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace ShitOps.TestKit.Clamd;

/// <summary>
/// The EICAR test file in the forms in which it may come. Put together at run time, so that no file of the repository and
/// no assembly is taken for it.
/// </summary>
public static class Eicar
{
    /// <summary>What the signatures of <see cref="ClamdServer"/> and of the built-in scanner call it, perhaps with a suffix.</summary>
    public const string SignatureName = "Eicar-Test-Signature";

    public static string Text { get; } = string.Concat(@"X5O!P%@AP[4\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-", "TEST-FILE!$H+H*");

    public static byte[] Plain => Encoding.ASCII.GetBytes(Text);

    public static byte[] JsonField => JsonSerializer.SerializeToUtf8Bytes(new { note = "see below", payload = Text });

    public static byte[] Base64Field => JsonSerializer.SerializeToUtf8Bytes(new { note = "see below", payload = Convert.ToBase64String(Plain) });

    public static byte[] DataUrlField =>
        JsonSerializer.SerializeToUtf8Bytes(new { image = "data:text/plain;base64," + Convert.ToBase64String(Plain) });

    public static byte[] Zip => ZipOf(("eicar.com", Plain));

    public static byte[] NestedZip => ZipOf(("readme.txt", "nothing here"u8.ToArray()), ("inner.zip", ZipOf(("deeper.zip", Zip))));

    /// <summary>An archive whose entry is marked as encrypted, so that nobody can look into it.</summary>
    public static byte[] EncryptedZip
    {
        get
        {
            byte[] zip = ZipOf(("secret.bin", Encoding.ASCII.GetBytes("cannot be read without a password")));
            zip[6] |= 1;
            zip[zip.AsSpan().LastIndexOf("PK\x01\x02"u8) + 8] |= 1;
            return zip;
        }
    }

    public static byte[] ZipOf(params (string Name, byte[] Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
            {
                ZipArchiveEntry entry = archive.CreateEntry(name);
                // The same bytes whenever they are made.
                entry.LastWriteTime = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using Stream stream = entry.Open();
                stream.Write(content);
            }
        }
        return bytes.ToArray();
    }
}
