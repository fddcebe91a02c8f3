namespace ShitOps.Kibana.Output;

/// <summary>All that is generated: path below <c>deploy/kibana</c> → content.</summary>
internal static class Generated
{
    public const string RulesFolder = "rules";

    public const string Ndjson = "shitops.ndjson";

    public static Dictionary<string, string> Files()
    {
        Dictionary<string, string> files = RuleFiles.All().ToDictionary(r => $"{RulesFolder}/{r.File}", r => r.Content, StringComparer.Ordinal);
        files[$"{RulesFolder}/README.md"] = RuleFiles.Readme();
        files[Ndjson] = SavedObjects.Ndjson();
        return files;
    }
}
