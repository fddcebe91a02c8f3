using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Telemetry;

namespace ShitOps.Grains.Webhooks;

/// <summary>What every webhook of a silo shares.</summary>
public sealed class WebhookServices(
    IWebhookStore store, IWebhookSender sender, ICommitQueue commits, IBodyOpener opener, TreeWatch tree, SiloMetrics metrics, TimeProvider time, ILogger<WebhookServices> log)
{
    public IWebhookStore Store => store;
    public IWebhookSender Sender => sender;
    public ICommitQueue Commits => commits;
    public TreeWatch Tree => tree;
    public SiloMetrics Metrics => metrics;
    public TimeProvider Time => time;
    public DateTimeOffset Now => time.GetUtcNow();
    public ILogger Log => log;

    /// <summary>The webhook's secrets that sign now, the newest first; for as long as they are needed and no longer.</summary>
    public async Task<IReadOnlyList<byte[]>> SecretsAsync(WebhookRow row)
    {
        var secrets = new List<byte[]> { await opener.OpenAsync(row.Secret.Sealed, row.Secret.Id) };
        if (row.Previous is { } previous && row.PreviousUntil > Now)
            secrets.Add(await opener.OpenAsync(previous.Sealed, previous.Id));
        return secrets;
    }

    /// <summary>Null: it cannot be opened (any more).</summary>
    public async Task<byte[]?> OpenAsync(Delivery delivery)
    {
        try
        {
            return await opener.OpenAsync(delivery.SealedBody, delivery.Id);
        }
        catch (CryptographicException error)
        {
            WebhookLog.Unreadable(log, delivery.Id, error);
            return null;
        }
    }
}
