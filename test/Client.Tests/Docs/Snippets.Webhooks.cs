namespace ShitOps.Client.Tests.Docs;

internal static partial class Snippets
{
    public static async Task WebhooksAsync(ShitOpsClient qa)
    {
        #region PUT /v1/teams/{name}/webhook
        Webhook made = await qa.PutWebhookAsync("qa-web", new("https://hooks.example.org/shitops"));
        var verifier = new WebhookVerifier(made.Secret!);   // IsGenuine(id, timestamp, signature, body)
        Webhook rotated = await qa.PutWebhookAsync("qa-web", new(made.Url), rotateSecret: true);
        Console.WriteLine($"{made.Secret} is good until {rotated.PreviousSecretUntil:O}");
        #endregion

        #region GET /v1/teams/{name}/webhook
        Webhook webhook = await qa.GetWebhookAsync("qa-web");
        Console.WriteLine($"{webhook.State} {webhook.Reason}, last push: {webhook.LastPush?.Status}");
        #endregion

        #region POST /v1/teams/{name}/webhook/test
        WebhookPush test = await qa.TestWebhookAsync("qa-web");
        Console.WriteLine($"accepted: {test.Accepted} {test.Reason}, after {test.Milliseconds} ms");
        #endregion

        #region DELETE /v1/teams/{name}/webhook
        await qa.RemoveWebhookAsync("qa-web");
        #endregion

        Assert.Equal(TimeSpan.FromMinutes(5), verifier.Tolerance);
    }
}
