using System.Text.Encodings.Web;
using System.Text.Json;
using ShitOps.Client.Tests.World;
using ShitOps.TestKit.Cluster;

namespace ShitOps.Client.Tests.Description;

/// <summary>
/// docs/openapi.json is the API as it was promised. With <c>SHITOPS_ACCEPT_OPENAPI=1</c> in the environment it is written
/// anew, as long as nothing breaks.
/// </summary>
[Collection(nameof(Shared))]
public sealed class OpenApiTests(Installation installation)
{
    public const string AcceptVariable = "SHITOPS_ACCEPT_OPENAPI";

    // What the document says of the process that served it.
    private static readonly string[] NotPromised = ["servers"];

    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Stored => Path.Combine(BuiltPrograms.SolutionFolder(), "docs", "openapi.json");

    [Fact]
    public async Task Nothing_that_was_promised_is_removed_or_narrowed_and_what_is_new_is_written_down()
    {
        string now = await ServedAsync();
        bool accepts = Environment.GetEnvironmentVariable(AcceptVariable) == "1";
        string old = File.Exists(Stored) || !accepts ? await File.ReadAllTextAsync(Stored) : now;
        IReadOnlyList<string> broken = BreakingChanges.Between(JsonElement.Parse(old), JsonElement.Parse(now));
        Assert.True(broken.Count == 0, $"""
            The API breaks what docs/openapi.json promised:
              {string.Join("\n  ", broken)}
            Keep it working, or, if nobody can depend on it yet, delete docs/openapi.json and accept the new one as below.
            """);
        if (accepts)
            await File.WriteAllTextAsync(Stored, now);
        else
            Assert.True(old == now, $"""
                The API has become more than docs/openapi.json says, and nothing of it breaks. To accept it:
                  {AcceptVariable}=1 dotnet test/Client.Tests/bin/Release/net10.0/ShitOps.Client.Tests.dll -class {typeof(OpenApiTests).FullName}
                and commit docs/openapi.json. First difference: {Difference(old, now)}
                """);
    }

    private async Task<string> ServedAsync()
    {
        using var http = new HttpClient { BaseAddress = installation.Address };
        Dictionary<string, JsonElement> document = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(await http.GetStringAsync("/openapi/v1.json"))!;
        foreach (string part in NotPromised)
            document.Remove(part);
        return JsonSerializer.Serialize(document, Written) + "\n";
    }

    private static string Difference(string old, string now)
    {
        (string Old, string Now) first = old.Split('\n').Zip(now.Split('\n')).FirstOrDefault(pair => pair.First != pair.Second);
        return $"'{first.Old?.Trim()}' became '{first.Now?.Trim()}'";
    }
}
