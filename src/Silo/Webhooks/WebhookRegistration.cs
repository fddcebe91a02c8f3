using ShitOps.Grains.Webhooks;
using ShitOps.Hosting.Configuration;

namespace ShitOps.Silo.Webhooks;

public static class WebhookRegistration
{
    /// <summary>Pushes to webhooks as section <c>Webhooks</c> allows.</summary>
    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services.AddSettings<WebhookSettings>(WebhookSettings.Section);
        services.AddSingleton<IWebhookSender, WebhookHttp>();
        return services;
    }
}
