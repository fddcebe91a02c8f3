using ShitOps.Gateway.Problems;

namespace ShitOps.Gateway.Json;

internal static class JsonRequest
{
    /// <summary>Bodies of everything but messages and attachments.</summary>
    public const int MaxBytes = 128 * 1024;

    /// <summary>Reads a small JSON object.</summary>
    /// <exception cref="ProblemException">400, 413 or, for what is gathered in <paramref name="faults"/>, left to the caller.</exception>
    public static async Task ReadAsync<T>(HttpRequest request, FieldTable<T> fields, T target, Faults faults)
    {
        if (!IsJson(request))
            throw new ProblemException(Known.BadMediaType);
        using RequestBody body = await RequestBody.ReadAsync(request, MaxBytes);
        if (fields.Read(body.Bytes.Span, target, faults) is { } problem)
            throw new ProblemException(problem);
    }

    public static bool IsJson(HttpRequest request) => IsOf(request, "application/json");

    /// <summary>That media type, without a charset other than UTF-8.</summary>
    public static bool IsOf(HttpRequest request, string mediaType)
    {
        if (string.Equals(request.ContentType, mediaType, StringComparison.OrdinalIgnoreCase))
            return true;
        return Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed)
            && parsed.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase)
            && (!parsed.Charset.HasValue || parsed.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }
}
