using ShitOps.Gateway;
using ShitOps.Gateway.Sealing;
using ShitOps.Hosting.Cluster;
using ShitOps.Hosting.Configuration;
using ShitOps.Hosting.Logging;
using ShitOps.Hosting.Sealing;
using ShitOps.Hosting.Telemetry;
using ShitOps.Silo.Dashboard;
using ShitOps.Silo.Setup;
using ShitOps.Silo.Sqlite;
using ShitOps.Standalone;

return await Startup.RunAsync(() =>
{
    bool demo = args.Contains(Demo.Switch);
    WebApplicationBuilder builder = WebApplication.CreateBuilder([.. args.Where(a => a != Demo.Switch)]);
    builder.UseSecretFiles();
    builder.AddShitOpsLogging("shitops-standalone", readable: true).AddShitOpsTelemetry("shitops-standalone");
    builder.UseDefaultUrl("http://127.0.0.1:8080");
    builder.Services.AddSettings<DataSettings>(DataSettings.Section);
    builder.Services.AddSettings<ElasticSettings>(ElasticSettings.Section);
    string folder = builder.Configuration[$"{DataSettings.Section}:{nameof(DataSettings.Path)}"] ?? new DataSettings().Path;
    builder.UseKeyFileIn(folder);
    if (demo)
        builder.AddDemo();
    builder.UseDashboardLink();
    builder.Services.AddSqliteStore(folder);
    builder.AddSilo(allowBuiltInScanner: true, silo => silo.UseShitOpsLocalCluster());
    builder.Services.AddBodyVault().AddGateway(builder.Configuration);
    return builder.Build();
}, static app =>
{
    app.UseShitOpsRequestLogging();
    app.MapOperatorDashboard();
    app.MapGateway();
});
