namespace ShitOps.Gateway.Json;

/// <summary>Which of the known names a misspelt one was most likely meant to be: the fewest edits away (Levenshtein 1966), case aside.</summary>
internal static class NearestName
{
    public static string Of(string name, IEnumerable<string> known)
    {
        string shortened = name.Length <= 64 ? name : name[..64];
        return known.MinBy(k => Distance(shortened.ToUpperInvariant(), k.ToUpperInvariant())) ?? "";
    }

    public static int Distance(string a, string b)
    {
        Span<int> row = stackalloc int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.Length];
    }
}
