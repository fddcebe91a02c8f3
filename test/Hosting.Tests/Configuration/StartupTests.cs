using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ShitOps.Hosting.Configuration;
using ShitOps.Hosting.Sealing;
using ShitOps.TestKit;

namespace ShitOps.Hosting.Tests.Configuration;

public sealed class StartupTests : IDisposable
{
    private const string Database = "Server=127.0.0.1;Database=shitops;User ID=root;Password=hunter2";

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string?> _values;

    public StartupTests() => _values = new()
    {
        ["ConnectionStrings:ShitOps"] = Database,
        ["Sealing:KeyFile"] = KeyFile.Ensure(_folder.File("key")),
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_good_configuration_has_no_fault() => Assert.Empty(Faults());

    [Fact]
    public void Every_fault_of_every_section_is_named_at_once()
    {
        Set("Cluster:SiloPort", "abc");
        Set("Cluster:GatewayPort", "70000");
        Set("Cluster:AdvertisedAddress", "not an address");
        Set("Cluster:Id", "a b");
        Set("ConnectionStrings:ShitOps", null);
        Set("Elastic:Url", "ftp://host");
        Set("Elastic:ApiKey", "key");
        Set("Elastic:Username", "elastic");
        Set("Sealing:KeyFile", _folder.File("none"));
        Set("Sealing:RotateAfter", "00:00:01");
        IReadOnlyList<string> faults = Faults();
        string[] keys =
        [
            "Cluster:SiloPort: 'abc' is not a whole number", "Cluster:GatewayPort: must be a port, 1 to 65535", "Cluster:AdvertisedAddress: ",
            "Cluster:Id: ", "ConnectionStrings:ShitOps: is missing", "Elastic:Url: must be http or https", "Elastic:ApiKey: ", "Elastic:Password: is missing",
            "Sealing:KeyFile: there is no file", "Sealing:RotateAfter: must be one minute",
        ];
        Assert.All(keys, key => Assert.Contains(faults, fault => fault.StartsWith(key, StringComparison.Ordinal)));
        Assert.Equal(keys.Length, faults.Count);
    }

    [Theory]
    [InlineData("Cluster:SiloPrt", "Cluster:SiloPort")]
    [InlineData("Sealing:Keyfil", "Sealing:KeyFile")]
    [InlineData("Elastic:Pasword", "Elastic:Password")]
    [InlineData("ConnectionStrings:ShitOp", "ConnectionStrings:ShitOps")]
    [InlineData("Clustr:SiloPort", "Cluster")]
    public void A_misspelt_key_is_a_fault_that_names_the_nearest(string key, string meant)
    {
        Set(key, "11112");
        string fault = Assert.Single(Faults());
        Assert.StartsWith(key.StartsWith("Clustr", StringComparison.Ordinal) ? "Clustr" : key, fault);
        Assert.EndsWith($"did you mean {meant}?", fault);
    }

    [Fact]
    public void A_key_like_no_other_is_a_fault_that_names_what_there_is()
    {
        Set("Cluster:Zoo", "1");
        Assert.Contains("Id, SiloPort, GatewayPort, AdvertisedAddress", Assert.Single(Faults()));
    }

    [Fact]
    public void Keys_are_read_in_any_case_and_an_empty_value_is_the_default()
    {
        Set("CLUSTER:SILOPORT", "12345");
        Set("Cluster:GatewayPort", "");
        using WebApplication app = Build();
        Assert.Empty(Startup.Check(app.Services));
        var cluster = app.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<ClusterSettings>>().Value;
        Assert.Equal((12345, 30000), (cluster.SiloPort, cluster.GatewayPort));
    }

    [Fact]
    public void Nothing_wraps_the_key_ring_only_in_development()
    {
        Set("Sealing:KeyFile", null);
        Assert.Contains("must wrap the key ring", Assert.Single(Faults()));
        Assert.Empty(Faults(Environments.Development));
    }

    [Fact]
    public void Both_wraps_are_one_too_many()
    {
        Set("Sealing:CertificatePath", _folder.File("none.pfx"));
        Assert.Contains(Faults(), fault => fault.Contains("one of the two", StringComparison.Ordinal));
    }

    [Fact]
    public void A_password_never_stands_in_a_fault()
    {
        Set("ConnectionStrings:ShitOps", Database + ";Prot=3306");
        string fault = Assert.Single(Faults());
        Assert.Contains("Prot", fault, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("hunter2", fault);
    }

    [Fact]
    public void The_stock_way_of_validating_is_heard_too()
    {
        Set("Cluster:SiloPort", "0");
        using WebApplication app = Build(services: services => services
            .AddOptions<ElasticSettings>("other").Validate(_ => false, "the other room objects").ValidateOnStart());
        Assert.Equal(["Cluster:SiloPort: must be a port, 1 to 65535", "the other room objects"], Startup.Check(app.Services));
    }

    [Fact]
    public async Task A_refused_start_tells_in_lines_without_a_stack_and_exits_with_78()
    {
        Set("Cluster:SiloPort", "x");
        Set("Cluster:GatewayPort", "y");
        (int code, string told) = await Run(() => Build());
        Assert.Equal(78, code);
        Assert.Equal(3, told.TrimEnd().Split('\n').Length);
        Assert.DoesNotContain("   at ", told);
    }

    [Fact]
    public async Task A_configuration_file_that_is_no_JSON_is_told_in_a_line()
    {
        File.WriteAllText(_folder.File("appsettings.json"), "{ \"Cluster\": ");
        (int code, string told) = await Run(() =>
            WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = _folder.Path }).Build());
        Assert.Equal(78, code);
        Assert.Contains("appsettings.json", told);
        Assert.DoesNotContain("   at ", told);
    }

    [Fact]
    public async Task A_port_in_use_is_told_in_a_line()
    {
        int port = Loopback.FreePort();
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
        taken.Start();
        Set("urls", $"http://127.0.0.1:{port}");
        (int code, string told) = await Run(() => Build());
        Assert.Equal(1, code);
        Assert.Contains($"{port}", told);
        Assert.DoesNotContain("   at ", told);
    }

    private void Set(string key, string? value) => _values[key] = value;

    private IReadOnlyList<string> Faults(string? environment = null)
    {
        using WebApplication app = Build(environment);
        return Startup.Check(app.Services);
    }

    private WebApplication Build(string? environment = null, Action<IServiceCollection>? services = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            EnvironmentName = environment ?? Environments.Production,
            ContentRootPath = _folder.Path,
        });
        builder.Configuration.AddInMemoryCollection(_values);
        builder.Services.AddSettings<ClusterSettings>(ClusterSettings.Section);
        builder.Services.AddSettings<DatabaseSettings>(DatabaseSettings.Section, strict: false);
        builder.Services.AddSettings<ElasticSettings>(ElasticSettings.Section);
        builder.Services.AddSettings<SealingSettings>(SealingSettings.Section);
        services?.Invoke(builder.Services);
        return builder.Build();
    }

    private static async Task<(int Code, string Told)> Run(Func<WebApplication> build)
    {
        TextWriter before = Console.Error;
        var told = new StringWriter();
        Console.SetError(told);
        try
        {
            return (await Startup.RunAsync(build), told.ToString());
        }
        finally
        {
            Console.SetError(before);
        }
    }
}
