using System.Net.Http.Headers;
using System.Text;
using ShitOps.Client;

namespace ShitOps.TestKit.Api;

/// <summary>
/// Speaks version 1 of the HTTP API with one key, in two ways. What a test means to succeed goes through the client that
/// users have, <see cref="Api"/>, which here tries nothing again, and is refused by <see cref="ShitOpsException"/>. What a
/// test looks at itself is a raw call, made by hand, of which it gets the answer whatever that is:
/// <see cref="CallAsync(HttpMethod, string, HttpContent?, ValueTuple{string, string}[])"/> and all that begins with Try.
/// </summary>
public sealed partial class ApiClient(HttpClient http, string? key, string name = "")
{
    private const long LargeBody = 4 * 1024 * 1024;
    // Longer than the connections' own: theirs is what a test sees. Made when it is needed: a raw call may try keys that are none.
    private readonly Lazy<ShitOpsClient> _api = new(() => new(http, new() { Key = key, Retries = 0, AttemptTimeout = TimeSpan.FromMinutes(2) }));

    /// <summary>The typed client with this key; one attempt a call.</summary>
    public ShitOpsClient Api => _api.Value;

    /// <summary>The team's name, for a team's client.</summary>
    public string Name { get; } = name;

    public string? Key { get; } = key;

    /// <summary>A connection pool for the gateway at that address.</summary>
    public static HttpClient Connect(Uri address) =>
        new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromSeconds(60),
        };

    /// <summary>The same gateway, another caller.</summary>
    public ApiClient As(string? otherKey, string otherName = "") => new(http, otherKey, otherName);

    public async Task<ApiAnswer> CallAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = Request(method, path, content, headers);
        using HttpResponseMessage response = await http.SendAsync(request);
        return new((int)response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsByteArrayAsync());
    }

    public Task<ApiAnswer> GetAsync(string path) => CallAsync(HttpMethod.Get, path);

    public Task<ApiAnswer> PostAsync(string path, object body) => CallAsync(HttpMethod.Post, path, JsonContent(body));

    /// <summary>Posts that text as it stands.</summary>
    public Task<ApiAnswer> PostRawAsync(string path, byte[] body, string contentType, params (string Name, string Value)[] headers) =>
        CallAsync(HttpMethod.Post, path, BytesContent(body, contentType), headers);

    public static HttpContent JsonContent(object body) =>
        BytesContent(Json.Bytes(body), "application/json");

    public static HttpContent BytesContent(byte[] body, string contentType)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return content;
    }

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        // A large body is asked for first: one who refuses it closes the connection, and his answer would be lost.
        request.Headers.ExpectContinue = content?.Headers.ContentLength > LargeBody;
        if (Key is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Key);
        foreach ((string header, string value) in headers)
            request.Headers.TryAddWithoutValidation(header, value);
        return request;
    }

    private async Task<ApiAnswer> ExpectAsync(string call, Task<ApiAnswer> answering, params int[] statuses)
    {
        ApiAnswer answer = await answering;
        return statuses.Contains(answer.Status) ? answer : throw new ApiException($"{call} as '{Name}'", answer);
    }

    /// <summary>Those that have a value.</summary>
    private static (string Name, string Value)[] Headers(params (string Name, string? Value)[] headers) =>
        [.. headers.Where(header => header.Value is not null).Select(header => (header.Name, header.Value!))];

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parts)
    {
        var query = new StringBuilder();
        foreach ((string part, string? value) in parts)
        {
            if (value is not null)
                query.Append(query.Length == 0 ? '?' : '&').Append(part).Append('=').Append(Uri.EscapeDataString(value));
        }
        return query.ToString();
    }
}
