using ShitOps.Client.Http;

namespace ShitOps.Client;

public sealed partial class ShitOpsClient
{
    /// <summary>Has the team's deliveries pushed to an https address; with the team's own key.</summary>
    /// <param name="rotateSecret">A new secret; the old one signs too for 24 hours.</param>
    public Task<Webhook> PutWebhookAsync(string team, Uri url, bool rotateSecret = false, CancellationToken stop = default) =>
        _calls.ReadAsync(
            new Call(HttpMethod.Put, WebhookPath(team)).With(new WebhookBody(url.AbsoluteUri, rotateSecret), ShitOpsJson.Default.WebhookBody), ShitOpsJson.Default.Webhook, stop);

    /// <exception cref="ShitOpsException">404: the team has none.</exception>
    public Task<Webhook> GetWebhookAsync(string team, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Get(WebhookPath(team)), ShitOpsJson.Default.Webhook, stop);

    /// <summary>Pushes nothing any more; for the team and for operators. What waits stays in the inbox.</summary>
    public async Task RemoveWebhookAsync(string team, CancellationToken stop = default)
    {
        var doubt = new Doubt();
        try
        {
            await _calls.SendAsync(Call.Delete(WebhookPath(team)), static (_, _) => Task.FromResult(true), doubt, stop).ConfigureAwait(false);
        }
        catch (ShitOpsException gone) when (gone.Status == 404 && doubt.Any)
        {
            // By an attempt whose answer was lost.
        }
    }

    /// <summary>Pushes an event of type <c>webhook.test</c> now, once, and waits for what comes of it.</summary>
    public Task<WebhookPush> TestWebhookAsync(string team, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Post(WebhookPath(team) + "/test"), ShitOpsJson.Default.WebhookPush, stop);

    private static string WebhookPath(string team) => TeamPath(team) + "/webhook";
}
