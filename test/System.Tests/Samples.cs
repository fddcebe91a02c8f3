using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ShitOps.System.Tests;

/// <summary>What a scanner must find, or must own that it cannot look into.</summary>
public static class Samples
{
    /// <summary>The test file of the European Institute for Computer Antivirus Research; in halves, or this source would be one.</summary>
    public static readonly string Eicar = @"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

    public static byte[] EicarBytes => Encoding.ASCII.GetBytes(Eicar);

    public static byte[] Zip(string entry, byte[] content)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        using (Stream stream = zip.CreateEntry(entry).Open())
            stream.Write(content);
        return file.ToArray();
    }

    public static byte[] NestedZip(int depth) =>
        Enumerable.Range(0, depth).Aggregate(EicarBytes, (inner, level) => Zip(level == 0 ? "eicar.com" : $"level{level}.zip", inner));

    /// <summary>A ZIP whose entry says that it is encrypted: flag bit 0 of both headers (APPNOTE.TXT 4.4.4) over bytes nobody can read.</summary>
    public static byte[] EncryptedZip()
    {
        byte[] noise = new byte[600];
        new Random(7).NextBytes(noise);
        byte[] zip = Zip("secret.bin", noise);
        SetEncrypted(zip, [0x50, 0x4B, 0x03, 0x04], flagsAt: 6);
        SetEncrypted(zip, [0x50, 0x4B, 0x01, 0x02], flagsAt: 8);
        return zip;
    }

    private static void SetEncrypted(byte[] zip, ReadOnlySpan<byte> signature, int flagsAt)
    {
        Span<byte> flags = zip.AsSpan(zip.AsSpan().IndexOf(signature) + flagsAt, 2);
        BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(flags) | 1));
    }
}
