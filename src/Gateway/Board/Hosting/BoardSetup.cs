using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using MudBlazor.Services;
using ShitOps.Gateway.Board.Data;
using ShitOps.Gateway.Board.Layout;
using ShitOps.Gateway.Security;

namespace ShitOps.Gateway.Board.Hosting;

/// <summary>Marks what the board's browser loads: it gets the board's headers, and no circuit beyond the bound.</summary>
internal sealed record BoardEndpoint;

/// <summary>The board: pages for people at <c>/</c>, signed in with a key.</summary>
internal static class BoardSetup
{
    public static IServiceCollection AddBoard(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddOptions<CircuitOptions>().Configure<IOptions<GatewayOptions>>(static (circuits, gateway) => Bound(circuits, gateway.Value));
        services.AddOptions<HubOptions>().Configure<IOptions<GatewayOptions>>(static (hub, gateway) => hub.MaximumReceiveMessageSize = gateway.Value.BoardMessageBytes);
        services.AddMudServices();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "shitops-form";
            options.SuppressXFrameOptionsHeader = true;
        });
        services.AddCascadingAuthenticationState();
        services.AddSingleton<BoardAssets>().AddSingleton<BoardCircuits>().AddSingleton<TreePictures>().AddSingleton<SystemReads>();
        services.AddScoped<BoardSession>().AddScoped<CircuitHandler, BoardCircuit>();
        return services;
    }

    public static void MapBoard(this WebApplication app)
    {
        app.MapGet(BoardAssets.Path + "/{name}", (string name, HttpContext http, BoardAssets assets) => assets.Answer(name, http))
            .AllowAnonymous().ExcludeFromDescription();
        app.MapSignIn();
        app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null)
            .RequireAuthorization(Policies.Board)
            .WithMetadata(new BoardEndpoint());
    }

    /// <summary>What one open page may cost: a page whose browser went away is kept for a short time, and few of them.</summary>
    private static void Bound(CircuitOptions circuits, GatewayOptions gateway)
    {
        circuits.DetailedErrors = false;
        circuits.DisconnectedCircuitMaxRetained = gateway.BoardKeptPages;
        circuits.DisconnectedCircuitRetentionPeriod = gateway.BoardKeepTime;
        circuits.JSInteropDefaultCallTimeout = TimeSpan.FromSeconds(10);
        circuits.MaxBufferedUnacknowledgedRenderBatches = gateway.BoardBufferedDrawings;
    }
}
