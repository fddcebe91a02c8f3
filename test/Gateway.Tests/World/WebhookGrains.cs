using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.World;

public sealed class TestWebhookGrain(TestWorld world) : Grain, IWebhookGrain
{
    private string Name => TeamKey.Parse(this.GetPrimaryKeyString()).Name;

    public Task<PutWebhookReply> Put(PutWebhook command)
    {
        if (new Uri(command.Url).Host == "refused.example")
            return Task.FromResult(new PutWebhookReply(PutWebhookStatus.Refused, Fault: "Not there."));
        PutWebhook? old = world.Webhooks.GetValueOrDefault(Name);
        PutWebhookStatus status = old is null ? PutWebhookStatus.Created : command.Rotate ? PutWebhookStatus.Rotated : PutWebhookStatus.Changed;
        world.Webhooks[Name] = command;
        return Task.FromResult(new PutWebhookReply(status, View(command)));
    }

    public Task<WebhookView?> Read() => Task.FromResult(world.Webhooks.TryGetValue(Name, out PutWebhook? there) ? View(there) : null);

    public Task<bool> Remove(string actor) => Task.FromResult(world.Webhooks.TryRemove(Name, out _));

    // The second call of a test has the result, as of one that takes its time.
    public Task<WebhookTest> Test(Guid request) => Task.FromResult(
        !world.Webhooks.ContainsKey(Name) ? new(Exists: false, null)
        : world.WebhookTests.AddOrUpdate(request, 1, (_, times) => times + 1) == 1 ? new(Exists: true, null)
        : new WebhookTest(Exists: true, new(DateTimeOffset.UnixEpoch, 307, "redirect", 12.345)));

    public Task Wake() => Task.CompletedTask;

    private static WebhookView View(PutWebhook command) => new()
    {
        Url = command.Url,
        Disabled = command.Url.Contains("gone", StringComparison.Ordinal) ? "gone" : null,
        CreatedAt = DateTimeOffset.UnixEpoch,
        ChangedAt = DateTimeOffset.UnixEpoch,
        PreviousSecretUntil = command.Rotate ? DateTimeOffset.UnixEpoch.AddDays(1) : null,
    };
}
