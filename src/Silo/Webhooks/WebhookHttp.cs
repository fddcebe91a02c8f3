using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Options;
using ShitOps.Grains.Nodes;
using ShitOps.Grains.Webhooks;
using ShitOps.Hosting.Configuration;
using ShitOps.Silo.Setup;

namespace ShitOps.Silo.Webhooks;

/// <summary>
/// Posts signed events. Follows no redirect, uses no proxy, keeps no cookie, tells nothing of this cluster, and reads no
/// answer but its status and Retry-After. What it answers are words: nobody learns by them what a silo can reach.
/// </summary>
internal sealed class WebhookHttp : IWebhookSender, IDisposable
{
    private const int HeaderKiB = 16, DrainBytes = 64 * 1024, ConnectionsPerReceiver = 16;

    /// <summary>Eight attempts with the defaults are spread over about 17 hours.</summary>
    private const double Growth = 5;

    private readonly WebhookSettings _settings;
    private readonly AddressRule _rule;
    private readonly TimeProvider _time;
    private readonly TrustedAuthorities? _authorities;
    private readonly HttpClient _client;

    public WebhookHttp(IOptions<WebhookSettings> settings, TimeProvider time)
        : this(settings.Value, time, Dns.GetHostAddressesAsync)
    {
    }

    /// <param name="resolve">Instead of the machine's resolver.</param>
    internal WebhookHttp(WebhookSettings settings, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
    {
        (_settings, _time) = (settings, time);
        _rule = new(settings.Networks);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = new GuardedConnect(_rule, resolve).ConnectAsync,
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = HeaderKiB,
            MaxResponseDrainSize = DrainBytes,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            MaxConnectionsPerServer = ConnectionsPerReceiver,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        if (settings.CaFile is { } file)
        {
            _authorities = new(file);
            handler.SslOptions = _authorities.ToOptions();
        }
        _client = new(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }

    public TimeSpan Timeout => _settings.Timeout;

    public TimeSpan RetryAfter(int failed) => Backoff.After(failed, Random.Shared.NextDouble(), _settings.FirstRetry, Growth, _settings.LongestRetry);

    public string? Refuse(Uri address) => this switch
    {
        _ when address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && _settings.AllowHttp) => "It must be an https address.",
        _ when address.UserInfo.Length > 0 => "It must not hold a name or a password.",
        _ when address.Fragment.Length > 0 => "It must not hold a fragment.",
        _ when IPAddress.TryParse(address.DnsSafeHost, out IPAddress? literal) && !_rule.Allows(literal) => "This network may not be pushed to.",
        _ => null,
    };

    public async Task<PushResult> SendAsync(PushRequest request, CancellationToken stop)
    {
        // Configuration may have changed since the address was taken.
        if (Refuse(request.Address) is not null)
            return new(null, "address_not_allowed");
        using var limit = new CancellationTokenSource(_settings.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        try
        {
            using HttpRequestMessage message = Message(request);
            using HttpResponseMessage response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Of(response);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new(null, "timeout");
        }
        catch (HttpRequestException error)
        {
            return new(null, Word(error));
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _authorities?.Dispose();
    }

    private HttpRequestMessage Message(PushRequest request)
    {
        long timestamp = _time.GetUtcNow().ToUnixTimeSeconds();
        var message = new HttpRequestMessage(HttpMethod.Post, request.Address) { Content = new ReadOnlyMemoryContent(request.Body) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        message.Headers.UserAgent.Add(new ProductInfoHeaderValue("ShitOps", null));
        message.Headers.Add(WebhookSignature.IdHeader, request.Id);
        message.Headers.Add(WebhookSignature.TimestampHeader, timestamp.ToString(CultureInfo.InvariantCulture));
        message.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Of(request.Id, timestamp, request.Body.Span, request.Secrets));
        return message;
    }

    private PushResult Of(HttpResponseMessage response)
    {
        int status = (int)response.StatusCode;
        string? reason = status switch
        {
            >= 200 and < 300 => null,
            >= 300 and < 400 => "redirect",
            _ => status.ToString(CultureInfo.InvariantCulture),
        };
        RetryConditionHeaderValue? retry = response.Headers.RetryAfter;
        return new(status, reason, retry?.Delta ?? (retry?.Date - _time.GetUtcNow()));
    }

    private static string Word(HttpRequestException error) => error switch
    {
        { InnerException: AddressRefusedException } => "address_not_allowed",
        { HttpRequestError: HttpRequestError.SecureConnectionError } or { InnerException: AuthenticationException } => "tls",
        { HttpRequestError: HttpRequestError.NameResolutionError } or { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound } } => "name_unknown",
        { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "answer_too_large",
        _ => "unreachable",
    };
}
