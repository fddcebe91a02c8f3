using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ShitOps.Silo;
using ShitOps.Silo.ClamAv;

namespace ShitOps.Scanner.Tests;

public sealed class OptionsTests
{
    private static async Task<OptionsValidationException> RefusedAsync(bool allowBuiltIn, params (string Key, string Value)[] settings)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
        builder.Services.AddScanner(builder.Configuration, allowBuiltIn);
        using IHost host = builder.Build();
        return await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
    }

    [Fact]
    public async Task A_silo_without_a_scanner_does_not_start_and_names_the_key()
    {
        OptionsValidationException refused = await RefusedAsync(allowBuiltIn: false);
        Assert.Contains("Antivirus:Endpoints", Assert.Single(refused.Failures));
    }

    [Fact]
    public async Task Every_fault_is_named_at_once()
    {
        OptionsValidationException refused = await RefusedAsync(
            true,
            ("Antivirus:Endpoints:0", "localhost:3310"),
            ("Antivirus:Endpoints:1", "http://localhost:3310"),
            ("Antivirus:Timeout", "30"),
            ("Antivirus:ProbeInterval", "00:00:00"),
            ("Antivirus:BatchEntries", "0"),
            ("Antivirus:BatchBytes", "1000000000"),
            ("Antivirus:MaxContentBytes", "5"),
            ("Antivirus:CacheEntries", "-1"),
            ("Antivirus:SignaturesPath", "/there/is/no/such/folder"));
        Assert.Equal(9, refused.Failures.Count());
    }

    [Theory]
    [InlineData("tcp://localhost:3310", true)]
    [InlineData("tcp://localhost", true)]
    [InlineData("tcp://[::1]:3310", true)]
    [InlineData("unix:///run/clamav/clamd.sock", true)]
    [InlineData("unix://run/clamd.sock", false)]
    [InlineData("tcp://", false)]
    [InlineData("tcp://localhost:99999", false)]
    [InlineData("tcp://localhost:3310/path", false)]
    [InlineData("/run/clamav/clamd.sock", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Endpoints_are_read_strictly(string? text, bool valid) => Assert.Equal(valid, ClamdAddress.TryParse(text, out _));
}
