using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using ShitOps.Gateway.Board.Layout;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Board.Hosting;

/// <summary>The form that turns a key into a cookie, and the button that takes it away.</summary>
internal static class SignInApi
{
    private const string KeyField = "key", ReturnField = "return", NotKnown = "This key is not known, or it was revoked.";

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("").ExcludeFromDescription().WithMetadata(new BoardEndpoint());
        group.MapGet(BoardCookie.SignInPath, ShowAsync).AllowAnonymous();
        group.MapPost(BoardCookie.SignInPath, SignInAsync).AllowAnonymous().WithBodyLimit(JsonRequest.MaxBytes);
        // The form was made for whoever is signed in, and is good for them alone.
        group.MapPost(BoardCookie.SignOutPath, SignOutAsync).RequireAuthorization(Policies.Board).WithBodyLimit(JsonRequest.MaxBytes);
    }

    private static async Task<IResult> ShowAsync(HttpContext http, IGrainFactory grains, ClusterCalls calls)
    {
        // A silo makes the first key of the ring with the first data key; the form's token is sealed by that ring.
        await calls.RetryAsync(() => grains.GetGrain<IDataKeyGrain>(0).Current(), http.RequestAborted);
        return Form(http.Request.Query[ReturnField], null);
    }

    private static async Task<IResult> SignInAsync(HttpContext http, IAntiforgery antiforgery, Keys keys, GuessGuard guard, ClientAddress address)
    {
        if (!await antiforgery.IsRequestValidAsync(http))
            return Form(null, "The form was too old. Please try again.", 400);
        IFormCollection form = await http.Request.ReadFormAsync(http.RequestAborted);
        string? back = form[ReturnField];
        string presented = form[KeyField].ToString().Trim();
        if (Keys.HashOf(presented) is not { } hash)
            return Form(back, NotKnown, 401);
        if (await keys.FindAsync(hash) is not { } caller)
        {
            if (guard.Wrong(address.Of(http), presented, hash) is not { } wait)
                return Form(back, NotKnown, 401);
            string seconds = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            http.Response.Headers.RetryAfter = seconds;
            return Form(back, $"Too many wrong keys. Please wait {seconds} s.", 429);
        }
        await http.SignInAsync(BoardCookie.Scheme, BoardCookie.Ticket(hash, caller));
        return Results.LocalRedirect(Local(back));
    }

    private static async Task<IResult> SignOutAsync(HttpContext http, IAntiforgery antiforgery, EndedSessions ended, TimeProvider time)
    {
        if (await antiforgery.IsRequestValidAsync(http))
        {
            if (BoardCookie.SessionOf(http.User) is { } session)
                await ended.EndAsync(session, time.GetUtcNow() + BoardCookie.Lifetime, http.RequestAborted);
            await http.SignOutAsync(BoardCookie.Scheme);
        }
        return Results.LocalRedirect(BoardCookie.SignInPath);
    }

    private static RazorComponentResult<SignIn> Form(string? back, string? fault, int status = 200) =>
        new(new { Return = Local(back), Fault = fault }) { StatusCode = status };

    /// <summary>Only a path of this host: a link must not lead away after signing in.</summary>
    internal static string Local(string? back) =>
        back is ['/', not ('/' or '\\'), ..] && !back.AsSpan().ContainsAnyInRange('\0', '\x1f') && !back.StartsWith(BoardCookie.SignInPath, StringComparison.Ordinal) ? back : "/";
}
