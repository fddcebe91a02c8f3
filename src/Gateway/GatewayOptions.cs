using System.ComponentModel.DataAnnotations;

namespace ShitOps.Gateway;

/// <summary>Section <c>Gateway</c> of the configuration.</summary>
public sealed class GatewayOptions : IValidatableObject
{
    public const string Section = "Gateway";

    /// <summary>Messages a second that a team of weight 1 may post to this gateway; twice that in a burst. Default 20,000.</summary>
    [Range(1, 10_000_000)]
    public int MessagesPerSecond { get; set; } = 20_000;

    /// <summary>How long one request tries the cluster again before it answers 503. Default 8 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan CallBudget { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>How long a key that was found is taken as valid without asking again. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan KeyCacheTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Different wrong keys from one address within a minute; more are answered with 429. Default 30.</summary>
    [Range(1, 100_000)]
    public int WrongKeysPerMinute { get; set; } = 30;

    /// <summary>
    /// Networks (CIDR) whose proxies are believed when they say in <c>X-Forwarded-For</c> whom they speak for. None: the
    /// address of the connection counts.
    /// </summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>Open pages of the board at a time; more are turned away. Default 200.</summary>
    [Range(0, 10_000)]
    public int BoardPages { get; set; } = 200;

    /// <summary>Open pages of the board that one key may have of these. Default 20.</summary>
    [Range(1, 10_000)]
    public int BoardPagesPerUser { get; set; } = 20;

    /// <summary>Pages whose browser went away that are kept, for <see cref="BoardKeepTime"/>, in case it comes back. Default 20.</summary>
    [Range(0, 10_000)]
    public int BoardKeptPages { get; set; } = 20;

    /// <summary>How long a page whose browser went away is kept. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan BoardKeepTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Drawings that may be on their way to a browser that has not confirmed them; a page waits with the next. Default 5.</summary>
    [Range(1, 100)]
    public int BoardBufferedDrawings { get; set; } = 5;

    /// <summary>Bytes of one message from a browser. Default 32 KiB.</summary>
    [Range(1024, 1024 * 1024)]
    public int BoardMessageBytes { get; set; } = 32 * 1024;

    /// <summary>Where the board's link to Kibana leads; no link without.</summary>
    [Url]
    public string? KibanaUrl { get; set; }

    /// <summary>Where the board's link to the Orleans dashboard leads, a URL or a path of this host; no link without.</summary>
    [RegularExpression("^(/|https?://).*")]
    public string? DashboardUrl { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (string network in TrustedProxies)
        {
            if (!System.Net.IPNetwork.TryParse(network, out _))
                yield return new($"'{network}' is no network such as 10.1.0.0/16", [nameof(TrustedProxies)]);
        }
    }
}
