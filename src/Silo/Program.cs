using ShitOps.Hosting.Cluster;
using ShitOps.Hosting.Configuration;
using ShitOps.Hosting.Logging;
using ShitOps.Hosting.Telemetry;
using ShitOps.Silo.Dashboard;
using ShitOps.Silo.MySql;
using ShitOps.Silo.Setup;

return await Startup.RunAsync(() =>
{
    WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
    builder.UseSecretFiles();
    builder.AddShitOpsLogging("shitops-silo").AddShitOpsTelemetry("shitops-silo");
    builder.UseDefaultUrl("http://127.0.0.1:8081");
    builder.Services.AddSettings<ElasticSettings>(ElasticSettings.Section);
    builder.Services.AddMySqlStore(builder.Configuration);
    builder.AddSilo(allowBuiltInScanner: false, silo => silo.UseShitOpsCluster());
    return builder.Build();
}, static app =>
{
    app.UseShitOpsRequestLogging();
    app.MapOperatorDashboard();
    app.MapSiloHealth();
});
