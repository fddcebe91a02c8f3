using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ShitOps.Client;

namespace ShitOps.TestKit.Api;

/// <summary>An HTTP answer, read to its end.</summary>
public sealed class ApiAnswer(int status, HttpResponseHeaders headers, HttpContentHeaders contentHeaders, byte[] bytes)
{
    private JsonElement? _json;

    public int Status { get; } = status;
    public HttpResponseHeaders Headers { get; } = headers;
    public HttpContentHeaders ContentHeaders { get; } = contentHeaders;
    public byte[] Bytes { get; } = bytes;
    public string Text { get; } = Encoding.UTF8.GetString(bytes);
    public string? ContentType => ContentHeaders.ContentType?.MediaType;

    /// <summary>The Retry-After header in seconds.</summary>
    public TimeSpan? RetryAfter => Headers.RetryAfter?.Delta;

    /// <exception cref="JsonException">Not JSON.</exception>
    public JsonElement Json => _json ??= JsonSerializer.Deserialize<JsonElement>(Bytes);

    /// <summary>Null if this is no problem document with a code.</summary>
    public Problem? Problem => Api.Json.ProblemOf(Text);

    /// <summary>Null when this is a proper error of that status: problem document, content type and code; else what is wrong.</summary>
    public string? NotAProblem(params ReadOnlySpan<int> statuses)
    {
        if (!statuses.Contains(Status))
            return $"status {Status} instead of {string.Join(" or ", statuses.ToArray())}: {Short}";
        if (ContentType != "application/problem+json")
            return $"content type {ContentType} instead of application/problem+json: {Short}";
        if (Problem is not { } problem)
            return $"no code: {Short}";
        return problem.Status == Status ? null : $"the document says status {problem.Status}, the answer {Status}";
    }

    private string Short => Text.Length > 500 ? Text[..500] : Text;
}
