using System.Security.Cryptography;
using ShitOps.Grains;

namespace ShitOps.Gateway.Inbox;

/// <summary>Opens deliveries for those who leased them.</summary>
internal sealed partial class DeliveryOpener(IBodyVault vault, ILogger<DeliveryOpener> log)
{
    /// <summary>
    /// Null: it cannot be opened. It is left out and comes back when its lease is over, so that one broken body neither
    /// blocks the others nor vanishes in silence.
    /// </summary>
    public async ValueTask<byte[]?> OpenAsync(Delivery delivery, CancellationToken stop)
    {
        try
        {
            return await vault.OpenAsync(delivery.SealedBody, delivery.Id, 0, stop);
        }
        catch (CryptographicException error)
        {
            LogUnreadable(error, delivery.Id);
            return null;
        }
    }

    [LoggerMessage(5020, LogLevel.Error, "The body of delivery {Delivery} cannot be opened")]
    private partial void LogUnreadable(Exception error, Guid delivery);
}
