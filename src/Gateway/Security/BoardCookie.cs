using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace ShitOps.Gateway.Security;

/// <summary>
/// The board's session: a sealed ticket that holds the key's hash, never the key. Each request, and each page while it is
/// open, looks that hash up again, so a revoked key ends its sessions; and a session that was signed out of is over.
/// </summary>
internal static class BoardCookie
{
    public const string Scheme = "Board", SignInPath = "/sign-in", SignOutPath = "/sign-out", CircuitPath = "/_blazor";
    private const string HashClaim = "key", SessionClaim = "session";
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    public static AuthenticationBuilder AddBoardCookie(this AuthenticationBuilder builder) => builder.AddCookie(Scheme, options =>
    {
        options.Cookie.Name = "shitops-board";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = Lifetime;
        options.SlidingExpiration = false;
        options.LoginPath = SignInPath;
        options.ReturnUrlParameter = "return";
        options.Events.OnRedirectToLogin = Challenge;
        options.Events.OnSigningIn = Harden;
        options.Events.OnValidatePrincipal = ValidateAsync;
    });

    public static ClaimsPrincipal Ticket(KeyHash key, Caller caller) => new(new ClaimsIdentity(
        [new Claim(HashClaim, key.ToHex()), new Claim(SessionClaim, Guid.NewGuid().ToString("N")), new Claim(ClaimTypes.Role, caller.Role.ToString())], Scheme));

    public static Guid? SessionOf(ClaimsPrincipal user) => Guid.TryParseExact(user.FindFirst(SessionClaim)?.Value, "N", out Guid session) ? session : null;

    /// <summary>Tells one key from another; nothing opens with it.</summary>
    public static string KeyOf(ClaimsPrincipal user) => user.FindFirst(HashClaim)?.Value ?? "";

    /// <summary>Null: the key was revoked, or the session was signed out of.</summary>
    public static async ValueTask<Caller?> CallerAsync(ClaimsPrincipal user, Keys keys, EndedSessions ended) =>
        KeyHash.Parse(user.FindFirst(HashClaim)?.Value) is { } key && SessionOf(user) is { } session && !await ended.HasAsync(session)
            ? await keys.FindAsync(key)
            : null;

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        IServiceProvider services = context.HttpContext.RequestServices;
        if (await CallerAsync(context.Principal!, services.GetRequiredService<Keys>(), services.GetRequiredService<EndedSessions>()) is not null)
            return;
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(Scheme);
    }

    /// <summary>A page leads to the sign-in; its connection is refused.</summary>
    private static Task Challenge(RedirectContext<CookieAuthenticationOptions> context)
    {
        if (context.Request.Path.StartsWithSegments(CircuitPath, StringComparison.Ordinal))
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        else
            context.Response.Redirect(context.RedirectUri);
        return Task.CompletedTask;
    }

    /// <summary>Behind a proxy that ends TLS the request looks plain here. Whoever lies about it only loses the cookie.</summary>
    private static Task Harden(CookieSigningInContext context)
    {
        if (context.Request.Headers["X-Forwarded-Proto"] == "https")
            context.CookieOptions.Secure = true;
        return Task.CompletedTask;
    }
}
