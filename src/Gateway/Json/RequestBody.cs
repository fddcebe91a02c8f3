using System.Buffers;
using ShitOps.Gateway.Problems;

namespace ShitOps.Gateway.Json;

/// <summary>A request's body in one rented piece of memory, given back on dispose.</summary>
internal readonly struct RequestBody(byte[] rented, int length) : IDisposable
{
    private const int FirstSize = 8 * 1024;

    public ReadOnlyMemory<byte> Bytes => rented.AsMemory(0, length);

    public void Dispose() => ArrayPool<byte>.Shared.Return(rented);

    /// <exception cref="ProblemException">413: more than <paramref name="limit"/> bytes; read no further than that.</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request, int limit)
    {
        if (request.ContentLength > limit)
            throw new ProblemException(Known.TooLarge(limit));
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)(request.ContentLength ?? FirstSize) + 1);
        int length = 0;
        try
        {
            while (true)
            {
                if (length == buffer.Length)
                    buffer = Grow(buffer, length, limit);
                int read = await request.Body.ReadAsync(buffer.AsMemory(length), request.HttpContext.RequestAborted);
                if (read == 0)
                    return new RequestBody(buffer, length);
                length += read;
                if (length > limit)
                    throw new ProblemException(Known.TooLarge(limit));
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private static byte[] Grow(byte[] full, int length, int limit)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Min(full.Length * 4, limit + 1));
        full.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
