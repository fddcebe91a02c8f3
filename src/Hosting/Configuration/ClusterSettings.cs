using System.ComponentModel.DataAnnotations;

namespace ShitOps.Hosting.Configuration;

/// <summary>Section <c>Cluster</c>: who belongs together and where a silo listens.</summary>
public sealed class ClusterSettings : IValidatableObject
{
    public const string Section = "Cluster";

    /// <summary>Silos and gateways with the same id and database are one cluster. 1 to 64 of <c>a-z A-Z 0-9 . _ -</c>.</summary>
    [RegularExpression("[A-Za-z0-9._-]{1,64}", ErrorMessage = "must be 1 to 64 of a-z A-Z 0-9 . _ -")]
    public string Id { get; set; } = "shitops";

    /// <summary>TCP port on which silos talk to each other. 1 to 65535.</summary>
    [Range(1, 65535, ErrorMessage = "must be a port, {1} to {2}")]
    public int SiloPort { get; set; } = 11111;

    /// <summary>TCP port on which gateways reach the silo. 1 to 65535.</summary>
    [Range(1, 65535, ErrorMessage = "must be a port, {1} to {2}")]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>The IP address or host name others reach this silo by; null: the first usable IPv4 address of the machine.</summary>
    public string? AdvertisedAddress { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SiloPort == GatewayPort)
            yield return new($"must differ from {Section}:{nameof(SiloPort)} ({SiloPort})", [nameof(GatewayPort)]);
        if (AdvertisedAddress is { } address && Uri.CheckHostName(address) == UriHostNameType.Unknown)
            yield return new($"'{address}' is neither an IP address nor a host name", [nameof(AdvertisedAddress)]);
        else if (AdvertisedAddress is "0.0.0.0" or "::" or "[::]")
            yield return new("must be an address that others can reach, not the one for all", [nameof(AdvertisedAddress)]);
    }
}
