using System.Formats.Tar;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ShitOps.TestKit.Clamd;

/// <summary>
/// Writes a database folder for clamd. The version that VERSION tells comes from a container named <c>daily</c>: a header
/// of 512 bytes, then a tar that begins with COPYING and holds a list of its files. The unsigned kind of container, .cud,
/// needs no signature of ClamAV's makers.
/// </summary>
internal static class ClamdSignatures
{
    public static void Write(string folder, int version, DateTimeOffset madeAt, IEnumerable<(string Name, byte[] Pattern)> patterns)
    {
        (string Name, byte[] Pattern)[] all = [(Eicar.SignatureName, Eicar.Plain), .. patterns];
        byte[] signatures = Encoding.ASCII.GetBytes(string.Concat(all.Select(
            (one, i) => $"{one.Name}:0:{(i == 0 ? "0" : "*")}:{Convert.ToHexStringLower(one.Pattern)}\n")));
        string header = string.Create(CultureInfo.InvariantCulture,
            $"ClamAV-VDB:{madeAt:dd MMM yyyy HH-mm} +0000:{version}:{all.Length}:90:{new string('0', 32)}:X:test:{madeAt.ToUnixTimeSeconds()}");
        string list = $"{header}\ndaily.ndb:{signatures.Length}:{Convert.ToHexStringLower(SHA256.HashData(signatures))}\n";

        string file = Path.Combine(folder, "daily.cud");
        using (FileStream stream = File.Create(file + ".new"))
        {
            stream.Write(Encoding.ASCII.GetBytes(header.PadRight(512)));
            using var tar = new TarWriter(stream, TarEntryFormat.Ustar);
            Add(tar, "COPYING", "For tests only.\n"u8.ToArray());
            Add(tar, "daily.info", Encoding.ASCII.GetBytes(list));
            Add(tar, "daily.ndb", signatures);
        }
        File.Move(file + ".new", file, overwrite: true);
    }

    private static void Add(TarWriter tar, string name, byte[] content) =>
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
}
