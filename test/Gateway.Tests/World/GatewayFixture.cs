using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ShitOps.Hosting.Cluster;
using ShitOps.TestKit;

namespace ShitOps.Gateway.Tests.World;

/// <summary>The gateway on a real Kestrel with a real silo in this process; behind the contracts stand small grains.</summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    public const string OperatorKey = "operator-key-of-these-tests", SecurityKey = "security-key-of-these-tests";
    private WebApplication? _app;

    public TestWorld World { get; } = new();
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public IServiceProvider Services => _app!.Services;

    public HttpClient Operator => With(OperatorKey);
    public HttpClient Security => With(SecurityKey);

    public async ValueTask InitializeAsync()
    {
        Address = new($"http://127.0.0.1:{Loopback.FreePort()}");
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["SHITOPS_OPERATOR_KEY"] = OperatorKey,
            ["SHITOPS_SECURITY_KEY"] = SecurityKey,
            ["Gateway:CallBudget"] = "00:00:02",
            // So that a test may speak from an address of its own.
            ["Gateway:TrustedProxies:0"] = "127.0.0.0/8",
        });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address.ToString());
        builder.Services.AddSingleton(World).AddSingleton<IBodyVault, TestVault>().AddSingleton<IClusterLink, TestLink>();
        builder.Services.AddGateway(builder.Configuration);
        builder.Host.UseOrleans(silo => silo.UseLocalhostClustering(Loopback.FreePort(), Loopback.FreePort()));
        _app = builder.Build();
        _app.MapGateway();
        _app.MapGet("/forgotten", () => "a route whose policy was forgotten");
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    public HttpClient With(string? key)
    {
        var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>A team of its own, with its key.</summary>
    public async Task<(string Name, HttpClient Client)> TeamAsync(string function = "QA", string? prefix = null)
    {
        string name = $"{prefix ?? "team"}-{Guid.NewGuid():N}"[..24];
        using HttpClient op = Operator;
        using HttpResponseMessage created = await op.PutAsync($"/v1/teams/{name}", Json($$"""{"function":"{{function}}"}"""));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        return (name, With((await ReadAsync(created)).GetProperty("key").GetString()));
    }

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    /// <summary>Asserts a problem of RFC 9457 with that code.</summary>
    public static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, int status, string code)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        return problem;
    }
}

[CollectionDefinition(nameof(GatewayCollection))]
public sealed class GatewayCollection : ICollectionFixture<GatewayFixture>;
