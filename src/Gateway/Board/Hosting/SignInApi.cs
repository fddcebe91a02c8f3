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
    private const string KeyField = "key", ReturnField = "return";

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

    private static async Task<IResult> SignInAsync(HttpContext http, IAntiforgery antiforgery, Keys keys, SignInGuard guard)
    {
        if (!await antiforgery.IsRequestValidAsync(http))
            return Form(null, "The form was too old. Please try again.", 400);
        IFormCollection form = await http.Request.ReadFormAsync(http.RequestAborted);
        string? back = form[ReturnField];
        if (guard.Take(http.Connection.RemoteIpAddress) is { } wait)
            return Form(back, $"Too many wrong keys. Please wait {Math.Ceiling(wait.TotalSeconds)} s.", 429);
        if (Keys.HashOf(form[KeyField].ToString().AsSpan().Trim()) is not { } hash || await keys.FindAsync(hash) is not { } caller)
            return Form(back, "This key is not known, or it was revoked.", 401);
        guard.Forget(http.Connection.RemoteIpAddress);
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
