using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ShitOps.Gateway.Asks;
using ShitOps.Gateway.Attachments;
using ShitOps.Gateway.Board.Hosting;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.DeadLetters;
using ShitOps.Gateway.Health;
using ShitOps.Gateway.Inbox;
using ShitOps.Gateway.Messages;
using ShitOps.Gateway.Nodes;
using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Quarantine;
using ShitOps.Gateway.RateLimits;
using ShitOps.Gateway.Security;
using ShitOps.Gateway.Tasks;
using ShitOps.Gateway.Teams;
using ShitOps.Gateway.Tls;
using ShitOps.Gateway.Tree;
using ShitOps.Gateway.Webhooks;
using ShitOps.Grains;
using ShitOps.Hosting.Telemetry;

namespace ShitOps.Gateway;

public static class GatewayServices
{
    /// <summary>The HTTP API. Needs an <see cref="IGrainFactory"/> (an Orleans client, or the silo's own) and an <see cref="IBodyVault"/>.</summary>
    public static IServiceCollection AddGateway(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<GatewayOptions>().Bind(configuration.GetSection(GatewayOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TreeWatch>();
        services.AddHostedService<TreeWatchService>();
        services.AddSingleton<ClusterCalls>().AddSingleton<GatewayCounters>();
        services.AddKeys(configuration);
        services.AddSingleton<TeamRates>().AddSingleton<AcceptQueues>();
        services.AddSingleton<MessagePoster>().AddSingleton<SinglePost>().AddSingleton<PostMessages>().AddSingleton<PostBulk>();
        services.AddSingleton<MessageReads>().AddSingleton<MessageLists>().AddSingleton<QuarantineDecisions>().AddSingleton<DeadLetterDecisions>();
        services.AddAsks().AddTasks();
        services.AddSingleton<UploadAttachment>().AddSingleton<ReadAttachment>();
        services.AddSingleton<InboxLeases>().AddSingleton<InboxReplies>().AddSingleton<InboxStream>().AddSingleton<DeliveryOpener>();
        services.AddSingleton<WebhookCalls>();
        services.AddSingleton<TreeRebalance>().AddSingleton<TeamWrites>().AddSingleton<OpenPage>().AddSingleton<NodeStatuses>().AddSingleton<Readiness>().AddSingleton<GatewayMetrics>().AddOpenMetrics();
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, GatewayJson.Default);
            json.SerializerOptions.Converters.Add(new Json.UtcConverter());
            json.SerializerOptions.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
        });
        // A route value that does not parse is a 404 or 400 of ours, in every environment alike.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.Configure<KestrelServerOptions>(Bound);
        services.AddTls();
        services.AddApiDescription();
        services.AddBoard();
        return services;
    }

    private static void Bound(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Json.JsonRequest.MaxBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.MaxRequestLineSize = 4 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
    }
}
