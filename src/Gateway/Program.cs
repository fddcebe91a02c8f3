using ShitOps.Gateway;
using ShitOps.Gateway.Sealing;
using ShitOps.Hosting.Cluster;
using ShitOps.Hosting.Configuration;
using ShitOps.Hosting.Logging;
using ShitOps.Hosting.Sealing;
using ShitOps.Hosting.Telemetry;

return await Startup.RunAsync(() =>
{
    WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
    builder.UseSecretFiles();
    builder.AddShitOpsLogging("shitops-gateway").AddShitOpsTelemetry("shitops-gateway");
    builder.UseDefaultUrl("http://127.0.0.1:8080");
    builder.UseOrleansClient(client => client.UseShitOpsCluster());
    builder.Services.AddKeyRing(builder.Configuration, mayCreateKeys: false).AddBodyVault();
    builder.Services.AddGateway(builder.Configuration);
    return builder.Build();
}, static app =>
{
    app.UseShitOpsRequestLogging();
    app.MapGateway();
});
