using System.Security.Cryptography;

namespace ShitOps.Board.Tests.Fixtures;

internal static class Names
{
    /// <summary>A name nobody has.</summary>
    public static string New(string hint) => $"{hint}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
}
