using System.Text.RegularExpressions;

namespace ShitOps.Deploy.Tests;

/// <summary>compose.yaml as a file: two readers of it agree, and .env.example tells what may be changed.</summary>
public sealed partial class FormTests
{
    [Fact]
    public Task It_is_what_the_Compose_specification_allows() => Tool.PythonAsync(
        """
        import json, sys, yaml, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.validators.validator_for(schema)(schema).validate(yaml.safe_load(open(sys.argv[2])))
        """,
        "test/Deploy.Tests/Schema/compose-spec.json", "compose.yaml");

    [Fact]
    public async Task A_service_with_a_key_that_does_not_exist_would_be_seen()
    {
        using var folder = new TempFolder();
        string bad = folder.File("compose.yaml");
        await File.WriteAllTextAsync(bad, Tool.Read("compose.yaml").Replace("stop_grace_period: 35s", "stop_grace: 35s", StringComparison.Ordinal));
        (int exitCode, string output) = await Tool.TryRunAsync("docker-compose", ["--file", bad, "config", "--quiet"]);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("stop_grace", output, StringComparison.Ordinal);
    }

    [Fact]
    public Task The_example_of_settings_can_be_used_as_it_is() =>
        Tool.RunAsync("docker-compose", "--env-file", ".env.example", "--file", "compose.yaml", "config", "--quiet");

    [Fact]
    public void The_example_of_settings_tells_every_variable_with_its_default()
    {
        var used = Variable().Matches(Tool.Read("compose.yaml")).Select(m => (Name: m.Groups[1].Value, Default: m.Groups[2].Value)).Distinct().ToArray();
        var told = Assignment().Matches(Tool.Read(".env.example")).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        Assert.NotEmpty(used);
        Assert.All(used, variable => Assert.Equal(variable.Default, Assert.Contains(variable.Name, told)));
        // The one that docker compose itself reads.
        Assert.Equal(["COMPOSE_PROJECT_NAME"], told.Keys.Except(used.Select(u => u.Name)));
    }

    [Fact]
    public void No_secret_stands_in_the_file_or_its_example() => Assert.All(["compose.yaml", ".env.example"], path =>
        Assert.DoesNotMatch(@"(?im)^\s*[\w.]*(password|secret|apikey|api_key|_key)\s*[:=]\s*(?!/)\S", Tool.Read(path)));

    [GeneratedRegex(@"\$\{(\w+):-([^}]*)\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"(?m)^([A-Z_]+)=(.*)$")]
    private static partial Regex Assignment();
}
