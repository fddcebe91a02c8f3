using ShitOps.Grains;

namespace ShitOps.Gateway.Security;

/// <summary>
/// The operator and security keys given by configuration. They are known to this process alone, as hashes, and stored nowhere.
/// </summary>
internal sealed class ConfiguredKeys
{
    public const string OperatorSetting = "SHITOPS_OPERATOR_KEY", SecuritySetting = "SHITOPS_SECURITY_KEY";
    private const int MinLength = 16;
    private readonly (Role Role, KeyHash Hash, Caller Caller)[] _keys;

    /// <exception cref="InvalidDataException">A key that cannot be used; every fault is named, no key is.</exception>
    public ConfiguredKeys(IConfiguration configuration)
    {
        string? operatorKey = configuration[OperatorSetting], securityKey = configuration[SecuritySetting];
        var faults = new List<string>();
        Check(OperatorSetting, operatorKey, faults);
        Check(SecuritySetting, securityKey, faults);
        if (!string.IsNullOrEmpty(operatorKey) && operatorKey == securityKey)
            faults.Add($"{OperatorSetting} and {SecuritySetting} must differ");
        if (faults.Count > 0)
            throw new InvalidDataException(string.Join("; ", faults));
        _keys = [.. Keys(Role.Operator, operatorKey), .. Keys(Role.Security, securityKey)];
    }

    public bool Has(Role role) => Array.Exists(_keys, k => k.Role == role);

    public Caller? Find(KeyHash key)
    {
        Caller? found = null;
        foreach ((_, KeyHash hash, Caller caller) in _keys)
        {
            if (hash.FixedTimeEquals(key))
                found = caller;
        }
        return found;
    }

    private static IEnumerable<(Role, KeyHash, Caller)> Keys(Role role, string? key) =>
        string.IsNullOrEmpty(key) ? [] : [(role, KeyHash.Of(key), new Caller(role, null, "configured"))];

    private static void Check(string setting, string? key, List<string> faults)
    {
        if (!string.IsNullOrEmpty(key) && (key.Length is < MinLength or > KeyHash.MaxKeyLength || key.AsSpan().ContainsAnyExceptInRange('!', '~')))
            faults.Add($"{setting} must be {MinLength} to {KeyHash.MaxKeyLength} visible ASCII characters without spaces");
    }
}
