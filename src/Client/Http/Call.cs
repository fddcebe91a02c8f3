using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ShitOps.Client.Http;

/// <summary>One call to the API, from which a request is made for every attempt.</summary>
/// <param name="Path">Beginning with a slash.</param>
internal sealed record Call(HttpMethod Method, string Path)
{
    /// <summary>A larger body is asked for first: one who refuses it closes the connection, and his answer would be lost.</summary>
    private const int LargeBody = 4 * 1024 * 1024;

    public ReadOnlyMemory<byte>? Body { get; init; }
    public string ContentType { get; init; } = "application/json";
    public string? IdempotencyKey { get; init; }

    /// <summary>Instead of the current activity's.</summary>
    public string? Traceparent { get; init; }

    public (string Name, string Value)? Header { get; init; }

    public static Call Get(string path) => new(HttpMethod.Get, path);

    public static Call Delete(string path) => new(HttpMethod.Delete, path);

    public static Call Post(string path) => new(HttpMethod.Post, path);

    public static Call Post<T>(string path, T body, JsonTypeInfo<T> type) => Post(path).With(body, type);

    public Call With<T>(T body, JsonTypeInfo<T> type) => this with { Body = JsonSerializer.SerializeToUtf8Bytes(body, type) };

    public HttpRequestMessage ToRequest(Uri root, string? key)
    {
        var request = new HttpRequestMessage(Method, new Uri(root, Path[1..]));
        if (Body is { } body)
        {
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(ContentType);
            request.Headers.ExpectContinue = body.Length > LargeBody;
        }
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (IdempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", IdempotencyKey);
        // Set here and not left to the handler: an injected HttpClient may have one that does not.
        if ((Traceparent ?? Current) is { } parent)
            request.Headers.TryAddWithoutValidation("traceparent", parent);
        if (Header is { } header)
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        return request;
    }

    public override string ToString() => $"{Method} {Path.Split('?')[0]}";

    private static string? Current => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;
}
