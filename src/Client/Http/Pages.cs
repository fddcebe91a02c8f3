using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace ShitOps.Client.Http;

/// <summary>A page of a list, as the API answers it.</summary>
internal interface IPage<out T>
{
    IReadOnlyList<T> Items { get; }

    /// <summary>The cursor of the next page; null on the last one.</summary>
    string? Next { get; }
}

internal static class Pages
{
    /// <summary>Every item, page by page as they are asked for.</summary>
    public static async IAsyncEnumerable<T> ReadAsync<TPage, T>(
        this Calls calls, Func<string?, string> address, JsonTypeInfo<TPage> type, [EnumeratorCancellation] CancellationToken stop) where TPage : IPage<T>
    {
        string? after = null;
        while (true)
        {
            TPage page = await calls.ReadAsync(Call.Get(address(after)), type, stop).ConfigureAwait(false);
            foreach (T item in page.Items)
                yield return item;
            if (page.Next is not { } next || next == after)
                yield break;
            after = next;
        }
    }
}
