using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ShitOps.Gateway.Tests.Routes;

/// <summary>What the board's pages are bounded by that no browser can be made to show.</summary>
public sealed class CircuitTests
{
    private static WebApplication Gateway(params (string Key, string Value)[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddGateway(builder.Configuration);
        return builder.Build();
    }

    private static (int Kept, TimeSpan Time, int Buffered, long? Message, bool Details) Read(WebApplication gateway)
    {
        CircuitOptions circuits = gateway.Services.GetRequiredService<IOptions<CircuitOptions>>().Value;
        return (circuits.DisconnectedCircuitMaxRetained, circuits.DisconnectedCircuitRetentionPeriod, circuits.MaxBufferedUnacknowledgedRenderBatches,
            gateway.Services.GetRequiredService<IOptions<HubOptions>>().Value.MaximumReceiveMessageSize, circuits.DetailedErrors);
    }

    [Fact]
    public async Task What_is_kept_and_buffered_is_as_configured()
    {
        await using WebApplication plain = Gateway();
        await using WebApplication changed = Gateway(
            ("Gateway:BoardKeptPages", "3"), ("Gateway:BoardKeepTime", "00:00:07"), ("Gateway:BoardBufferedDrawings", "2"), ("Gateway:BoardMessageBytes", "4096"));
        Assert.Equal((20, TimeSpan.FromSeconds(30), 5, 32 * 1024, false), Read(plain));
        Assert.Equal((3, TimeSpan.FromSeconds(7), 2, 4096, false), Read(changed));
    }

    [Theory]
    [InlineData("Gateway:BoardPagesPerUser", "0")]
    [InlineData("Gateway:BoardBufferedDrawings", "0")]
    [InlineData("Gateway:BoardMessageBytes", "10")]
    [InlineData("Gateway:WrongKeysPerMinute", "0")]
    [InlineData("Gateway:TrustedProxies:0", "here")]
    public async Task What_bounds_nothing_is_refused_at_start(string key, string value)
    {
        await using WebApplication gateway = Gateway((key, value));
        Assert.Throws<OptionsValidationException>(() => gateway.Services.GetRequiredService<IOptions<GatewayOptions>>().Value);
    }
}
