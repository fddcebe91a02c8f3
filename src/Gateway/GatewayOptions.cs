using System.ComponentModel.DataAnnotations;

namespace ShitOps.Gateway;

/// <summary>Section <c>Gateway</c> of the configuration.</summary>
public sealed class GatewayOptions
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

    /// <summary>Open pages of the board at a time; more are turned away. Default 200.</summary>
    [Range(0, 10_000)]
    public int BoardPages { get; set; } = 200;

    /// <summary>Where the board's link to Kibana leads; no link without.</summary>
    [Url]
    public string? KibanaUrl { get; set; }

    /// <summary>Where the board's link to the Orleans dashboard leads, a URL or a path of this host; no link without.</summary>
    [RegularExpression("^(/|https?://).*")]
    public string? DashboardUrl { get; set; }
}
