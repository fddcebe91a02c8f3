using Microsoft.AspNetCore.Components.Authorization;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Board.Data;

/// <summary>Whom one open page speaks for. Asked anew at every look, so that a revoked key shows nothing more, nor a session signed out of elsewhere.</summary>
internal sealed class BoardSession(AuthenticationStateProvider authentication, Keys keys, EndedSessions ended)
{
    /// <exception cref="SessionOverException">The key was revoked, or the session was signed out of.</exception>
    public async Task<Caller> CallerAsync() =>
        await BoardCookie.CallerAsync((await authentication.GetAuthenticationStateAsync()).User, keys, ended) ?? throw new SessionOverException();
}

internal sealed class SessionOverException : Exception;

/// <summary>What a role may do on the board, and why not. The same as the routes allow.</summary>
internal static class Rights
{
    public static bool SeesAll(this Caller caller) => caller.Role == Role.Operator;

    /// <summary>Null: it may.</summary>
    public static string? WhyNot(this Caller caller, params Role[] may) =>
        may.Contains(caller.Role) ? null : $"This needs {string.Join(" or ", may.Select(KeyOf))}; you are signed in with {KeyOf(caller.Role)}.";

    public static string KeyOf(Role role) => role switch
    {
        Role.Team => "a team key",
        Role.Operator => "an operator key",
        _ => "a security key",
    };
}
