using System.Net.Http.Headers;
using ShitOps.Client.Http;

namespace ShitOps.Client;

/// <summary>
/// The HTTP API, version 1, as one caller. Calls are tried again after 429, 502 to 504, lost connections and missing
/// answers, as Retry-After says or with growing pauses; what creates something carries an idempotency key, so that it is
/// created once. Refusals are <see cref="ShitOpsException"/>; <see cref="HttpRequestException"/> and
/// <see cref="TimeoutException"/> say that nobody answered, at last. May be used by many threads at once.
/// </summary>
public sealed partial class ShitOpsClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly bool _owns;
    private readonly ShitOpsClientOptions _options;
    private readonly Calls _calls;

    /// <summary>With connections of its own.</summary>
    /// <exception cref="ArgumentException">An option that cannot be used.</exception>
    public ShitOpsClient(ShitOpsClientOptions options) : this(Connect(), options, owns: true)
    {
    }

    /// <summary>Over that HttpClient, which stays its owner's. Its timeout holds too, and its base address wins over the option's.</summary>
    /// <exception cref="ArgumentException">An option that cannot be used.</exception>
    public ShitOpsClient(HttpClient http, ShitOpsClientOptions options) : this(http, options, owns: false)
    {
    }

    private ShitOpsClient(HttpClient http, ShitOpsClientOptions options, bool owns)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(options);
        _http = http;
        _owns = owns;
        _options = options.Checked();
        _calls = new Calls(http, _options);
    }

    public ShitOpsClientOptions Options => _options;

    /// <summary>Another caller over the same connections; valid as long as this client is.</summary>
    public ShitOpsClient As(string? key) => new(_http, _options with { Key = key }, owns: false);

    public void Dispose()
    {
        if (_owns)
            _http.Dispose();
    }

    private string NewKey() => Guid.CreateVersion7(_options.Time.GetUtcNow()).ToString();

    // The calls have times of their own; a stream has none.
    private static HttpClient Connect() => new(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(10),
        // Gateways come and go behind a name.
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { UserAgent = { new ProductInfoHeaderValue("ShitOps.Client", Version) } },
    };

    /// <summary>Of this library: major.minor.patch.</summary>
    public static string Version { get; } = typeof(ShitOpsClient).Assembly.GetName().Version!.ToString(3);
}
