using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using ShitOps.Gateway.Problems;

namespace ShitOps.Gateway.Security;

/// <summary>Authenticates <c>Authorization: Bearer KEY</c> (RFC 6750).</summary>
internal sealed class BearerKeys(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Keys keys, GuessGuard guard, ClientAddress address)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "Bearer";
    private const string Prefix = "Bearer ";
    private TimeSpan? _wait;

    /// <summary>What is presented as a key, to be asked again for a request that takes long; empty if nothing is.</summary>
    public static ReadOnlyMemory<char> Presented(HttpRequest request)
    {
        StringValues header = request.Headers.Authorization;
        return header.Count == 1 && header[0] is { } value && value.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            ? value.AsMemory(Prefix.Length).Trim(' ')
            : default;
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        ReadOnlyMemory<char> presented = Presented(Request);
        if (Keys.HashOf(presented.Span) is not { } hash)
            return AuthenticateResult.NoResult();
        if (await keys.FindAsync(hash) is { } caller)
            return AuthenticateResult.Success(new AuthenticationTicket(caller, Scheme));
        _wait = guard.Wrong(address.Of(Context), presented.Span, hash);
        return AuthenticateResult.NoResult();
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        (_wait is { } wait ? Known.TooManyKeys(wait) : Known.NoKey).ExecuteAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Known.Forbidden.ExecuteAsync(Context);
}
