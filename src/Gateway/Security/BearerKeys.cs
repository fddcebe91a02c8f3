using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using ShitOps.Gateway.Problems;

namespace ShitOps.Gateway.Security;

/// <summary>Authenticates <c>Authorization: Bearer KEY</c> (RFC 6750).</summary>
internal sealed class BearerKeys(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Keys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "Bearer";
    private const string Prefix = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        StringValues header = Request.Headers.Authorization;
        if (header.Count != 1 || header[0] is not { } value || !value.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return AuthenticateResult.NoResult();
        if (Keys.HashOf(value.AsSpan(Prefix.Length).Trim(' ')) is not { } hash)
            return AuthenticateResult.NoResult();
        Caller? caller = await keys.FindAsync(hash);
        return caller is null ? AuthenticateResult.NoResult() : AuthenticateResult.Success(new AuthenticationTicket(caller, Scheme));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => Known.NoKey.ExecuteAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Known.Forbidden.ExecuteAsync(Context);
}
