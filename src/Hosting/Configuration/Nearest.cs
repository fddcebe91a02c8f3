namespace ShitOps.Hosting.Configuration;

/// <summary>The word that was probably meant.</summary>
public static class Nearest
{
    /// <param name="closeOnly">Only a word that differs in about a quarter of its letters or fewer; else in up to half.</param>
    public static string? To(string word, IEnumerable<string> words, bool closeOnly = false)
    {
        string? best = null;
        int bestDistance = int.MaxValue;
        foreach (string candidate in words)
        {
            int bound = Math.Max(1, Math.Max(word.Length, candidate.Length) / (closeOnly ? 4 : 2));
            int distance = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance <= bound && distance < bestDistance)
                (best, bestDistance) = (candidate, distance);
        }
        return best;
    }

    /// <summary>Levenshtein's distance: letters to insert, delete or replace.</summary>
    internal static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
