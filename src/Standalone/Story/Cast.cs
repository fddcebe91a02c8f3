using System.Text.Json;

namespace ShitOps.Standalone.Story;

/// <summary>The four teams of an example organisation, and who watches over them.</summary>
internal sealed class Cast : IDisposable
{
    private static readonly (string Name, string Function)[] Names = [("platform", "Dev"), ("web", "Dev"), ("qa", "QA"), ("ops", "Ops")];

    private readonly Dictionary<string, Caller> _teams = [];

    private Cast(Caller security) => Security = security;

    public Caller Security { get; }
    public Caller Platform => _teams["platform"];
    public Caller Web => _teams["web"];
    public Caller Qa => _teams["qa"];
    public Caller Ops => _teams["ops"];

    public static async Task<Cast> MeetAsync(Caller operators, string securityKey, Action<string> say, CancellationToken stop)
    {
        var cast = new Cast(operators.As(securityKey, "security"));
        foreach ((string name, string function) in Names)
            cast._teams[name] = operators.As(await KeyAsync(operators, name, function, stop), name);
        say($"teams: {string.Join(", ", Names.Select(t => $"{t.Name} ({t.Function})"))}");
        return cast;
    }

    public void Dispose()
    {
        Security.Dispose();
        foreach (Caller team in _teams.Values)
            team.Dispose();
    }

    /// <summary>A team that is there from an earlier run gets a new key.</summary>
    private static async Task<string> KeyAsync(Caller operators, string name, string function, CancellationToken stop)
    {
        JsonElement team = await operators.PutAsync($"/v1/teams/{name}", new { function }, stop);
        if (!team.TryGetProperty("key", out JsonElement key))
            key = (await operators.PostAsync($"/v1/teams/{name}/keys", new { }, stop)).GetProperty("key");
        return key.GetString()!;
    }
}
