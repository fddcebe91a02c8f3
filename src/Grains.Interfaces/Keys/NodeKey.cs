using System.Globalization;

namespace ShitOps.Grains;

/// <summary>The key of a node grain: the tree's name and the node's index in level order, as in <c>main/5</c>.</summary>
[GenerateSerializer, Immutable, Alias("sho.NodeKey")]
public readonly record struct NodeKey([property: Id(0)] string Tree, [property: Id(1)] int Index)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Tree}/{Index}");

    /// <exception cref="FormatException">Not of the form <c>tree/index</c>.</exception>
    public static NodeKey Parse(string key)
    {
        int slash = key.LastIndexOf('/');
        return slash > 0 && int.TryParse(key.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? new NodeKey(key[..slash], index)
            : throw new FormatException($"'{key}' is not a node key: tree/index");
    }
}
