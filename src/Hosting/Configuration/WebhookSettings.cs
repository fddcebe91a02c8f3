using System.ComponentModel.DataAnnotations;
using System.Net;

namespace ShitOps.Hosting.Configuration;

/// <summary>Section <c>Webhooks</c>: where deliveries may be pushed to, and how patiently.</summary>
public sealed class WebhookSettings : IValidatableObject
{
    public const string Section = "Webhooks";

    /// <summary>
    /// Networks, as <c>10.20.0.0/16</c>, to which is pushed although they are not public. Without them only addresses that
    /// anyone on the Internet could reach are.
    /// </summary>
    public string[] AllowNetworks { get; set; } = [];

    /// <summary>Also to http addresses: bodies then travel in the open.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>File of certificates, PEM, that a receiver's certificate must come from; without it, those of the machine.</summary>
    public string? CaFile { get; set; }

    /// <summary>For connecting, sending and the answer's headers together.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00", ErrorMessage = "must be 1 second to 1 minute")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Before the second attempt; each pause after it is five times as long.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "12:00:00", ErrorMessage = "must be 10 milliseconds to 12 hours")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>No pause is longer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "12:00:00", ErrorMessage = "must be 10 milliseconds to 12 hours")]
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromHours(12);

    /// <summary>The networks of <see cref="AllowNetworks"/> that can be read.</summary>
    public IEnumerable<IPNetwork> Networks => AllowNetworks.Select(text => IPNetwork.TryParse(text, out IPNetwork network) ? network : (IPNetwork?)null).OfType<IPNetwork>();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (string text in AllowNetworks)
        {
            if (!IPNetwork.TryParse(text, out _))
                yield return new($"'{text}' is not a network: its first address, a slash and the number of bits that are the same in all, such as 10.20.0.0/16", [nameof(AllowNetworks)]);
        }
        if (CaFile is not null && !File.Exists(CaFile))
            yield return new($"there is no file {CaFile}", [nameof(CaFile)]);
        if (FirstRetry > LongestRetry)
            yield return new($"must not be longer than {nameof(LongestRetry)}", [nameof(FirstRetry)]);
    }
}
