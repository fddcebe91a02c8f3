using System.Globalization;
using System.Text;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Fuzz.Scanner;

/// <summary>A content of a case. It says so in plain bytes, which the scripted clamd sees in a batch too, as nothing in it is packed.</summary>
internal static class FuzzContent
{
    private const string Mark = "content of the fuzz ";

    public static bool IsIn(byte[] bytes) => bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Mark)) >= 0;

    /// <summary>Half of them 20 bytes of filling, the others up to 20,000; one in two hundred so large that it goes alone.</summary>
    public static byte[] Make(Random random, bool infected, string name)
    {
        int filling = random.Next(200) == 0 ? 1_200_000 : random.Next(2) == 0 ? 20 : random.Next(20_000);
        byte[] content = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Mark}{name} {new string('x', filling)}"));
        return infected ? [.. content, .. Eicar.Plain] : content;
    }
}
