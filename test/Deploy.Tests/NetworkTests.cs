using System.Text.Json;

namespace ShitOps.Deploy.Tests;

/// <summary>Who can be reached from where.</summary>
public sealed class NetworkTests(ComposeFile compose)
{
    [Fact]
    public void Only_the_proxies_are_reachable_from_outside_and_by_default_from_this_machine()
    {
        (string Name, JsonElement Service)[] published = [.. compose.Services.Where(s => s.Service.TryGetProperty("ports", out _))];
        Assert.Equal(["dashboard", "proxy"], published.Select(s => s.Name).Order(StringComparer.Ordinal));
        Assert.All(published.SelectMany(s => ComposeFile.Texts(s.Service, "ports")), port => Assert.StartsWith("127.0.0.1:", port));
        // It is there when asked for only.
        Assert.Equal(["dashboard"], ComposeFile.Texts(compose.Service("dashboard"), "profiles"));
    }

    [Fact]
    public void Every_network_but_one_is_closed()
    {
        string[] open = [.. compose["networks"].EnumerateObject().Where(n => !Internal(n.Value)).Select(n => n.Name)];
        Assert.Equal(["outside"], open);
        // clamav asks for signatures there, the proxies are asked.
        Assert.Equal(["clamav", "dashboard", "proxy"], On("outside"));
    }

    [Fact]
    public void Database_scanner_and_Elasticsearch_are_out_of_the_proxys_reach()
    {
        string[] near = [.. ComposeFile.Texts(compose.Service("proxy"), "networks").Where(n => n != "outside").SelectMany(On).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(["gateway", "kibana", "proxy"], near);
    }

    /// <summary>And nobody else's: who is believed may choose the address that wrong keys are counted for.</summary>
    [Fact]
    public void Gateways_believe_the_proxys_network_and_no_other()
    {
        JsonElement subnet = Assert.Single(compose["networks"].GetProperty("front").GetProperty("ipam").GetProperty("config").EnumerateArray());
        Dictionary<string, string> gateway = ComposeFile.Environment(compose.Service("gateway"));
        Assert.Equal(subnet.GetProperty("subnet").GetString(), gateway["Gateway__TrustedProxies__0"]);
        Assert.Single(gateway.Keys, name => name.StartsWith("Gateway__TrustedProxies", StringComparison.Ordinal));
        Assert.True(Internal(compose["networks"].GetProperty("front")));
    }

    [Fact]
    public void The_database_is_on_the_inner_network_alone() =>
        Assert.Equal(["inner"], ComposeFile.Texts(compose.Service("mysql"), "networks"));

    /// <summary>It tells the others its first address, which must be one that all of them reach.</summary>
    [Fact]
    public void A_silo_has_one_address()
    {
        Assert.Equal(["inner"], ComposeFile.Texts(compose.Service("silo"), "networks"));
        Assert.Contains("gateway", On("inner"));
    }

    [Theory]
    [InlineData("silo")]
    [InlineData("gateway")]
    public void What_is_scaled_has_neither_a_name_nor_a_port_of_its_own(string name)
    {
        Assert.False(compose.Service(name).TryGetProperty("container_name", out _));
        Assert.False(compose.Service(name).TryGetProperty("ports", out _));
    }

    private string[] On(string network) =>
        [.. compose.Services.Where(s => ComposeFile.Texts(s.Service, "networks").Contains(network)).Select(s => s.Name).Order(StringComparer.Ordinal)];

    private static bool Internal(JsonElement network) => network.TryGetProperty("internal", out JsonElement value) && value.GetBoolean();
}
