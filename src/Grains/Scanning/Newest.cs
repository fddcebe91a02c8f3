using System.Diagnostics.CodeAnalysis;

namespace ShitOps.Grains.Scanning;

/// <summary>
/// The newest entries, half as many as the bound at the least. Two generations: when the young one is full it becomes the
/// old one, and the old one is forgotten. For one thread at a time.
/// </summary>
/// <param name="capacity">Entries kept at most.</param>
public sealed class Newest<TKey, TValue>(int capacity) where TKey : notnull
{
    private Dictionary<TKey, TValue> _young = [];
    private Dictionary<TKey, TValue> _old = [];

    public int Count => _young.Count + _old.Count;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) => _young.TryGetValue(key, out value) || _old.TryGetValue(key, out value);

    /// <summary>Makes the entry a new one, whether it was there or not.</summary>
    public void Put(TKey key, TValue value)
    {
        if (_young.Count >= capacity / 2 && !_young.ContainsKey(key))
        {
            (_young, _old) = (_old, _young);
            _young.Clear();
        }
        // It is counted once, and what is put again is not forgotten with its older self.
        _old.Remove(key);
        _young[key] = value;
    }

    public void Remove(TKey key)
    {
        _young.Remove(key);
        _old.Remove(key);
    }
}
