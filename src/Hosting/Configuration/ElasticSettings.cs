using System.ComponentModel.DataAnnotations;

namespace ShitOps.Hosting.Configuration;

/// <summary>Section <c>Elastic</c>: where the journal is sent. Without an address it is not sent.</summary>
public sealed class ElasticSettings : IValidatableObject
{
    public const string Section = "Elastic";

    /// <summary>Base address of Elasticsearch, http or https.</summary>
    public Uri? Url { get; set; }

    /// <summary>More addresses of the same Elasticsearch, for when the first does not answer.</summary>
    public string[] MoreUrls { get; set; } = [];

    /// <summary>File of certificates, PEM, that the server's certificate must come from; without it, those of the machine.</summary>
    public string? CaFile { get; set; }

    /// <summary>The end of the data stream's name: <c>logs-shitops.pipeline-NAMESPACE</c>.</summary>
    [RegularExpression("^[a-z0-9][a-z0-9_.]{0,99}$", ErrorMessage = "must be small letters, digits, _ and .")]
    public string Namespace { get; set; } = "default";

    /// <summary>Written to every document as <c>service.environment</c>.</summary>
    public string? Environment { get; set; }

    /// <summary>Documents in one request at most.</summary>
    [Range(1, 100_000, ErrorMessage = "must be 1 to 100000")]
    public int BatchEvents { get; set; } = 1000;

    /// <summary>Bytes of one request at most, before it is packed.</summary>
    [Range(10_000, 100_000_000, ErrorMessage = "must be 10000 to 100000000")]
    public int BatchBytes { get; set; } = 5 * 1024 * 1024;

    /// <summary>All addresses, the first one first.</summary>
    public IReadOnlyList<Uri> Addresses => Url is null ? [] : [Url, .. MoreUrls.Select(url => new Uri(url))];

    /// <summary>An encoded API key; instead of name and password.</summary>
    public string? ApiKey { get; set; }

    public string? Username { get; set; }

    public string? Password { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Url is not null && Url.Scheme is not ("http" or "https"))
            yield return new($"must be http or https, not {Url.Scheme}", [nameof(Url)]);
        if (Url?.UserInfo is { Length: > 0 })
            yield return new($"must not hold a password: use {Section}:{nameof(Username)} and {nameof(Password)}", [nameof(Url)]);
        if (Url is null && (ApiKey ?? Username ?? Password) is not null)
            yield return new("is missing, though a key or password is given", [nameof(Url)]);
        foreach (string url in MoreUrls)
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? more) || more.Scheme is not ("http" or "https") || more.UserInfo.Length > 0)
                yield return new("must hold addresses with http or https and without a password", [nameof(MoreUrls)]);
        }
        if (Url is null && MoreUrls.Length > 0)
            yield return new($"is missing, though {nameof(MoreUrls)} is given", [nameof(Url)]);
        if (CaFile is not null && !File.Exists(CaFile))
            yield return new($"there is no file {CaFile}", [nameof(CaFile)]);
        if (ApiKey is not null && (Username ?? Password) is not null)
            yield return new($"is given beside {nameof(Username)}/{nameof(Password)}: one of the two", [nameof(ApiKey)]);
        if (Username is null != Password is null)
            yield return new("is missing: name and password come together", [Username is null ? nameof(Username) : nameof(Password)]);
    }
}
