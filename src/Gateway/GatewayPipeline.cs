using ShitOps.Gateway.Asks;
using ShitOps.Gateway.Attachments;
using ShitOps.Gateway.Board.Hosting;
using ShitOps.Gateway.DeadLetters;
using ShitOps.Gateway.Events;
using ShitOps.Gateway.Health;
using ShitOps.Gateway.Inbox;
using ShitOps.Gateway.Messages;
using ShitOps.Gateway.Nodes;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Quarantine;
using ShitOps.Gateway.Tasks;
using ShitOps.Gateway.Teams;
using ShitOps.Gateway.Tls;
using ShitOps.Gateway.Tree;
using ShitOps.Gateway.Webhooks;

namespace ShitOps.Gateway;

public static class GatewayPipeline
{
    /// <summary>Every route of the API. A route mapped beside these needs a policy of its own: without one it is closed.</summary>
    public static WebApplication MapGateway(this WebApplication app)
    {
        app.UseMiddleware<ProblemMiddleware>();
        app.UseMiddleware<TlsOnly>();
        app.UseRouting();
        app.UseMiddleware<BoardGate>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<BoardShare>();
        app.UseAntiforgery();
        app.MapMessages();
        app.MapAttachments();
        app.MapInbox();
        app.MapAsks();
        app.MapTasks();
        app.MapTeams();
        app.MapWebhooks();
        app.MapTree();
        app.MapQuarantine();
        app.MapDeadLetters();
        app.MapNodes();
        app.MapEvents();
        app.MapHealth();
        app.MapApiDescription();
        app.MapBoard();
        return app;
    }
}
