using System.Text.Json;

namespace ShitOps.Standalone.Story;

/// <summary>A clean message that arrives, and an infected one that does not.</summary>
internal static class MessageScene
{
    /// <summary>The test file of the European Institute for Computer Anti-Virus Research, in two halves so that this program is not taken for it.</summary>
    private static readonly string Eicar = @"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

    public static async Task PlayAsync(Cast cast, Action<string> say, CancellationToken stop)
    {
        Guid clean = await SendAsync(cast.Platform, "qa", "build 812", new { text = "build 812 is ready to test" }, stop);
        JsonElement got = await cast.Qa.ReceiveAsync(message => message.Id() == clean, stop);
        say($"clean message {clean}: arrived at qa from {got.Text("from")}: \"{got.Text("subject")}\"; acknowledged");

        Guid infected = await SendAsync(cast.Platform, "qa", "invoice", Eicar, stop);
        JsonElement settled = await cast.Platform.UntilAsync($"/v1/messages/{infected}", message => message.Text("state") is not ("queued" or "held"), stop);
        JsonElement entries = await cast.Security.GetAsync("/v1/quarantine?limit=1000", stop);
        JsonElement entry = entries.GetProperty("entries").EnumerateArray().First(e => e.TryGetProperty("message", out JsonElement id) && id.GetGuid() == infected);
        say($"infected message {infected}: {settled.Text("state")}, signature {entry.Text("signature")}; not delivered");
    }

    private static async Task<Guid> SendAsync(Caller team, string to, string subject, object body, CancellationToken stop) =>
        (await team.PostAsync("/v1/messages", new { to, subject, body }, stop)).Id();
}
