using System.Security.Claims;
using ShitOps.Grains;

namespace ShitOps.Gateway.Security;

/// <summary>Whom a request speaks for. One object a key, shared by all its requests: never changed.</summary>
public sealed class Caller(Role role, string? team, string keyId) : ClaimsPrincipal(
    new ClaimsIdentity([new Claim(ClaimTypes.Role, role.ToString()), new Claim(ClaimTypes.NameIdentifier, keyId)], BearerKeys.Scheme))
{
    public Role Role => role;

    /// <summary>Null unless <see cref="Role"/> is Team.</summary>
    public string? Team => team;

    /// <summary>As the journal names who decided: <c>team:NAME</c>, <c>operator:ID</c>, <c>security:ID</c>.</summary>
    public string Actor { get; } = role switch
    {
        Role.Team => $"team:{team}",
        Role.Operator => $"operator:{keyId}",
        _ => $"security:{keyId}",
    };
}

internal static class CallerOf
{
    /// <summary>Of a request that has passed a policy.</summary>
    public static Caller Caller(this HttpContext http) => (Caller)http.User;

    /// <summary>Of a request that has passed <see cref="Policies.Team"/>.</summary>
    public static string CallerTeam(this HttpContext http) => http.Caller().Team!;
}
