using System.Globalization;

namespace ShitOps.Grains;

/// <summary>The key of a collation grain: tree, ask and node, as in <c>main/0198…/5</c>.</summary>
[GenerateSerializer, Immutable, Alias("sho.CollationKey")]
public readonly record struct CollationKey([property: Id(0)] string Tree, [property: Id(1)] Guid Ask, [property: Id(2)] int Node)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Tree}/{Ask:D}/{Node}");

    /// <exception cref="FormatException">Not of the form <c>tree/ask/node</c>.</exception>
    public static CollationKey Parse(string key)
    {
        string[] parts = key.Split('/');
        return parts.Length == 3 && parts[0].Length > 0 && Guid.TryParseExact(parts[1], "D", out Guid ask)
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int node)
            ? new CollationKey(parts[0], ask, node)
            : throw new FormatException($"'{key}' is not a collation key: tree/ask/node");
    }
}
