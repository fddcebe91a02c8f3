using ShitOps.Gateway;
using ShitOps.Silo.Dashboard;

namespace ShitOps.Standalone;

internal static class DashboardLink
{
    /// <summary>The Orleans dashboard is served by this process itself: the board's link leads there unless another is configured.</summary>
    public static void UseDashboardLink(this WebApplicationBuilder builder)
    {
        IConfigurationSection gateway = builder.Configuration.GetSection(GatewayOptions.Section);
        if (string.IsNullOrEmpty(gateway[nameof(GatewayOptions.DashboardUrl)]))
            gateway[nameof(GatewayOptions.DashboardUrl)] = DashboardSetup.Path + "/";
    }
}
