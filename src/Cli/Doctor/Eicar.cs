using System.Text;

namespace ShitOps.Cli.Doctor;

/// <summary>The harmless file that every scanner must find (https://www.eicar.org/download-anti-malware-testfile/). Put together at run time, so that no scanner finds this program.</summary>
internal static class Eicar
{
    public static byte[] File { get; } = Encoding.ASCII.GetBytes(string.Concat(@"X5O!P%@AP[4\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-", "TEST-FILE!$H+H*"));

    public static byte[] Harmless { get; } = "shitops doctor looks whether the scanner lets this pass"u8.ToArray();
}
