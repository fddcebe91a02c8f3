using System.Text.Json;

namespace ShitOps.Deploy.Tests;

/// <summary>What holds for every service: who it is, what it may, and how it is kept alive.</summary>
public sealed class ServiceTests(ComposeFile compose)
{
    // Their start scripts write beside their configuration.
    private static readonly string[] Writable = ["clamav", "elasticsearch", "kibana"];

    [Fact]
    public void Images_are_of_a_version() => Assert.All(compose.Services, s =>
        Assert.Matches(@"^[\w./-]+:\d+\.\d+[\w.-]*$", ComposeFile.Text(s.Service, "image")));

    [Fact]
    public void Nothing_but_the_maker_of_secrets_runs_as_root() => Assert.All(compose.Services, s =>
    {
        // Silo and gateway say it in their Dockerfile.
        if (s.Service.TryGetProperty("build", out _))
            return;
        string user = ComposeFile.Text(s.Service, "user");
        Assert.True(user.Length > 0, $"{s.Name} names no user");
        Assert.True(s.Name == "setup" == (user.Split(':')[0] is "root" or "0"), $"{s.Name} runs as {user}");
    });

    [Fact]
    public void The_maker_of_secrets_has_no_network()
    {
        Assert.Equal("none", ComposeFile.Text(compose.Service("setup"), "network_mode"));
        Assert.Empty(ComposeFile.Texts(compose.Service("setup"), "networks"));
    }

    [Fact]
    public void Nobody_has_rights_beyond_those_of_a_user() => Assert.All(compose.Services, s =>
    {
        Assert.Equal(["ALL"], ComposeFile.Texts(s.Service, "cap_drop"));
        Assert.Equal(["no-new-privileges:true"], ComposeFile.Texts(s.Service, "security_opt"));
        Assert.False(s.Service.TryGetProperty("privileged", out _), s.Name);
        Assert.True(s.Name == "setup" || !s.Service.TryGetProperty("cap_add", out _), s.Name);
    });

    [Fact]
    public void File_systems_are_read_only_where_the_image_allows_it() => Assert.All(compose.Services, s =>
        Assert.Equal(!Writable.Contains(s.Name), s.Service.GetProperty("read_only").GetBoolean()));

    [Fact]
    public void Everybody_has_a_limit_of_memory_and_of_logs() => Assert.All(compose.Services, s =>
    {
        Assert.Matches(@"^\d+[mg]?$", ComposeFile.Text(s.Service, "mem_limit"));
        Assert.True(s.Service.GetProperty("logging").GetProperty("options").TryGetProperty("max-size", out _), s.Name);
    });

    [Fact]
    public void What_stays_is_started_again_and_asked_for_its_health()
    {
        Assert.All(compose.Staying, s =>
        {
            Assert.Equal("unless-stopped", ComposeFile.Text(s.Service, "restart"));
            // The collector's image has nothing that could ask it.
            bool asked = !ComposeFile.Texts(s.Service.GetProperty("healthcheck"), "test").SequenceEqual(["NONE"]);
            Assert.Equal(s.Name != "collector", asked);
        });
        Assert.All(ComposeFile.Once, name => Assert.Equal("no", ComposeFile.Text(compose.Service(name), "restart")));
    }

    [Fact]
    public void Who_reads_secrets_waits_until_they_are_made()
    {
        foreach ((string name, JsonElement service) in compose.Services.Where(s => s.Name != "setup"))
        {
            bool reads = Volumes(service).Any(v => v.Source.EndsWith("-secrets", StringComparison.Ordinal));
            Assert.True(!reads || WaitsFor(name, "setup"), $"{name} reads secrets and does not wait for setup");
        }
    }

    [Fact]
    public void Everyone_sees_its_own_secrets_only_and_cannot_change_them()
    {
        foreach ((string name, JsonElement service) in compose.Services.Where(s => s.Name != "setup"))
        {
            string[] secrets = [.. Volumes(service).Where(v => v.Source.EndsWith("-secrets", StringComparison.Ordinal)).Select(v => v.Source)];
            Assert.True(secrets.Length <= 1, $"{name} sees {string.Join(", ", secrets)}");
            Assert.DoesNotContain(Volumes(service), v => v.Source == "authority");
            Assert.All(Volumes(service).Where(v => v.Source.EndsWith("-secrets", StringComparison.Ordinal)), v => Assert.Equal("ro", v.Mode));
        }
    }

    [Fact]
    public void Secrets_come_as_files() => Assert.All(compose.Services, s => Assert.All(ComposeFile.Environment(s.Service), variable =>
    {
        bool secret = variable.Key.Contains("PASSWORD", StringComparison.OrdinalIgnoreCase) || variable.Key.EndsWith("KEY", StringComparison.OrdinalIgnoreCase)
            || variable.Key.Contains("SECRET", StringComparison.OrdinalIgnoreCase) || variable.Key.EndsWith("TOKEN", StringComparison.OrdinalIgnoreCase);
        // Paths of files, absolute or below Elasticsearch's configuration.
        Assert.True(!secret || variable.Value.StartsWith('/') || variable.Value.StartsWith("secrets/", StringComparison.Ordinal), $"{s.Name}: {variable.Key}");
    }));

    [Fact]
    public void What_is_mounted_from_the_repository_is_there_and_only_read() => Assert.All(compose.Services.SelectMany(s => Volumes(s.Service)), volume =>
    {
        if (!volume.Source.StartsWith('/'))
            Assert.True(compose["volumes"].TryGetProperty(volume.Source, out _), $"volume {volume.Source}");
        else
            Assert.Equal(("ro", true), (volume.Mode, Path.Exists(volume.Source)));
    });

    private bool WaitsFor(string name, string other) => ComposeFile.Texts(compose.Service(name), "depends_on") is var waits
        && (waits.Contains(other) || waits.Any(next => WaitsFor(next, other)));

    private static IEnumerable<(string Source, string Target, string Mode)> Volumes(JsonElement service) =>
        ComposeFile.Texts(service, "volumes").Select(v => v.Split(':')).Select(v => (v[0], v[1], v.ElementAtOrDefault(2) ?? "rw"));
}
