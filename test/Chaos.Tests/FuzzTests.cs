using ShitOps.Fuzz;
using ShitOps.Fuzz.Api;
using ShitOps.Fuzz.Scanner;

namespace ShitOps.Chaos.Tests;

/// <summary>Half a minute each of what bench/Fuzz does for as long as one likes.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_API_answers_whatever_it_is_asked() => Check(await new ApiFuzz(1, Time).RunAsync(TestContext.Current.CancellationToken), "api");

    [Fact]
    public async Task The_scanners_client_survives_a_hostile_clamd()
    {
        Findings findings = await new ScannerFuzz(1, Time).RunAsync(TestContext.Current.CancellationToken);
        Check(findings, "scanner");
        // Hostile replies say nothing to a client that holds its scanner for away.
        Assert.All(Enum.GetValues<Hostility>(), kind => Assert.True(findings.Outcomes.GetValueOrDefault(ScannerFuzz.Met(kind)) > 0, $"no scan under way met {kind}"));
        double share = findings.Outcomes[ScannerFuzz.WithVerdict] / (double)findings.Outcomes[ScannerFuzz.Contents];
        Assert.True(share > 0.9, $"only {share:P1} of the contents had a verdict");
    }

    [Fact]
    public void A_seed_and_a_number_give_one_request()
    {
        System.Text.Json.JsonElement document = System.Text.Json.JsonDocument.Parse("""
            {"paths":{"/v1/messages/{id}":{"post":{"parameters":[{"name":"id","in":"path"},{"name":"wait","in":"query","schema":{"type":"integer"}}],
            "requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"to":{"type":"string"}}}}}},"responses":{"202":{}}}}}}
            """).RootElement;
        var maker = new RequestMaker(document, Operation.All(document), ["key"]);
        string[] known = ["a"];
        Assert.All(Enumerable.Range(0, 200), number => Assert.Equal(maker.Make(3, number, known).Bytes, maker.Make(3, number, known).Bytes));
        Assert.True(Enumerable.Range(0, 200).Select(number => Convert.ToHexString(maker.Make(3, number, known).Bytes)).Distinct().Count() > 150);
    }

    private void Check(Findings findings, string what)
    {
        using var text = new StringWriter();
        findings.Print(text, what);
        output.WriteLine(text.ToString());
        Assert.Empty(findings.Faults);
        Assert.True(findings.Cases > 20, "too few cases to say anything");
    }
}
