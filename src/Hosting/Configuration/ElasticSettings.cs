using System.ComponentModel.DataAnnotations;

namespace ShitOps.Hosting.Configuration;

/// <summary>Section <c>Elastic</c>: where the journal is sent. Without an address it is not sent.</summary>
public sealed class ElasticSettings : IValidatableObject
{
    public const string Section = "Elastic";

    /// <summary>Base address of Elasticsearch, http or https.</summary>
    public Uri? Url { get; set; }

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
        if (ApiKey is not null && (Username ?? Password) is not null)
            yield return new($"is given beside {nameof(Username)}/{nameof(Password)}: one of the two", [nameof(ApiKey)]);
        if (Username is null != Password is null)
            yield return new("is missing: name and password come together", [Username is null ? nameof(Username) : nameof(Password)]);
    }
}
