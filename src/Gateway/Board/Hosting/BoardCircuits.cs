using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.Options;
using ShitOps.Gateway.Security;

namespace ShitOps.Gateway.Board.Hosting;

/// <summary>How many pages of the board this process serves now, and how many of them to whom. A page whose browser went away counts until it is given up.</summary>
internal sealed class BoardCircuits(IOptions<GatewayOptions> options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _ofKeys = [];
    private int _count;

    public bool Full
    {
        get { lock (_lock) return _count >= options.Value.BoardPages; }
    }

    /// <summary>Whether whoever is signed in with that key has as many as one may have.</summary>
    public bool FullFor(string key)
    {
        lock (_lock)
            return _ofKeys.GetValueOrDefault(key) >= options.Value.BoardPagesPerUser;
    }

    public void Opened(string key)
    {
        lock (_lock)
        {
            _count++;
            _ofKeys[key] = _ofKeys.GetValueOrDefault(key) + 1;
        }
    }

    public void Closed(string key)
    {
        lock (_lock)
        {
            _count--;
            if (--_ofKeys[key] == 0)
                _ofKeys.Remove(key);
        }
    }
}

/// <summary>Counts the page it belongs to.</summary>
internal sealed class BoardCircuit(BoardCircuits pages, AuthenticationStateProvider authentication) : CircuitHandler
{
    private string? _key;

    public override async Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        ClaimsPrincipal user = (await authentication.GetAuthenticationStateAsync()).User;
        pages.Opened(_key = BoardCookie.KeyOf(user));
    }

    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (_key is { } key)
            pages.Closed(key);
        return Task.CompletedTask;
    }
}

/// <summary>Turns a connection away whose user has as many pages open as one may have; it comes after who that is.</summary>
internal sealed class BoardShare(RequestDelegate next, BoardCircuits pages)
{
    private static readonly Problems.Problem TooMany =
        new(429, "too_many_pages", "As many pages of the board are open with this key as may be.", retryAfter: TimeSpan.FromSeconds(30));

    public Task InvokeAsync(HttpContext http) =>
        http.Request.Path.StartsWithSegments(BoardCookie.CircuitPath, StringComparison.Ordinal)
        && http.GetEndpoint()?.Metadata.GetMetadata<BoardEndpoint>() is not null && pages.FullFor(BoardCookie.KeyOf(http.User))
            ? TooMany.ExecuteAsync(http)
            : next(http);
}
