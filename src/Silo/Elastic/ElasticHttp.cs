using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ShitOps.Silo.Setup;

namespace ShitOps.Silo.Elastic;

/// <summary>Where Elasticsearch is and how one signs in there.</summary>
/// <param name="Authorization">The whole header; null without.</param>
/// <param name="CaFile">Certificates, PEM, that a server's must come from; null: those of the machine.</param>
internal sealed record ElasticEndpoint(IReadOnlyList<Uri> Urls, string? Authorization = null, string? CaFile = null)
{
    public static string ApiKey(string encoded) => "ApiKey " + encoded;

    public static string Basic(string name, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"));
}

/// <summary>An answer in whole.</summary>
internal sealed record ElasticAnswer(HttpStatusCode Status, TimeSpan? RetryAfter, ReadOnlyMemory<byte> Body)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;
}

/// <summary>Requests to one of several addresses. It stays with one while that answers, and goes on to the next when it does not.</summary>
internal sealed class ElasticHttp : IDisposable
{
    private readonly ElasticEndpoint _endpoint;
    private readonly HttpClient _client;
    private readonly TrustedAuthorities? _authorities;
    private int _current;

    /// <exception cref="InvalidDataException">The file of certificates holds none.</exception>
    public ElasticHttp(ElasticEndpoint endpoint, TimeSpan timeout)
    {
        _endpoint = endpoint;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        };
        if (endpoint.CaFile is { } file)
        {
            _authorities = new(file);
            handler.SslOptions = _authorities.ToOptions();
        }
        _client = new HttpClient(handler) { Timeout = timeout };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("ShitOps", null));
        if (endpoint.Authorization is { } authorization)
            _client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
    }

    /// <param name="content">Made anew for each address; null without a body.</param>
    /// <exception cref="HttpRequestException">No address answered in whole.</exception>
    public async Task<ElasticAnswer> SendAsync(HttpMethod method, string path, Func<HttpContent?> content, CancellationToken stop)
    {
        var faults = new List<string>();
        for (int tried = 0; tried < _endpoint.Urls.Count; tried++)
        {
            Uri url = _endpoint.Urls[_current % _endpoint.Urls.Count];
            try
            {
                using var request = new HttpRequestMessage(method, new Uri(url.AbsoluteUri.TrimEnd('/') + "/" + path)) { Content = content() };
                using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, stop);
                byte[] body = await response.Content.ReadAsByteArrayAsync(stop);
                // What stands before the server, or its queue: another address may do better next time.
                if ((int)response.StatusCode is 429 or >= 500)
                    _current++;
                return new(response.StatusCode, response.Headers.RetryAfter?.Delta, body);
            }
            catch (Exception error) when (error is HttpRequestException or IOException || (error is OperationCanceledException && !stop.IsCancellationRequested))
            {
                _current++;
                faults.Add($"{url.Host}:{url.Port}: {(error is OperationCanceledException ? "no answer in time" : error.GetBaseException().Message)}");
            }
        }
        throw new HttpRequestException(string.Join("; ", faults));
    }

    public void Dispose()
    {
        _client.Dispose();
        _authorities?.Dispose();
    }
}
