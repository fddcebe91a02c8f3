using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using ShitOps.Hosting.Configuration;

namespace ShitOps.Hosting.Sealing;

/// <summary>
/// Data keys in the database's rows. Two silos that find the key due at once each add one: both open for ever, the
/// newest seals.
/// </summary>
public sealed class DatabaseDataKeyStore(IDataKeyRows rows, KeyRing ring, IOptions<SealingSettings> settings, TimeProvider time) : IDataKeyStore, IDisposable
{
    private readonly IDataProtector _protector = DataKeyWrap.Protector(ring);
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private WrappedDataKey? _newest;

    public ValueTask<WrappedDataKey> CurrentAsync(CancellationToken stop = default) =>
        Volatile.Read(ref _newest) is { } known && time.GetUtcNow() < DueAt(known) ? new(known) : NewestAsync(stop);

    public ValueTask<WrappedDataKey?> FindAsync(int id, CancellationToken stop = default) =>
        Volatile.Read(ref _newest) is { } known && known.Id == id ? new(known) : rows.FindAsync(id, stop);

    private async ValueTask<WrappedDataKey> NewestAsync(CancellationToken stop)
    {
        await _oneAtATime.WaitAsync(stop);
        try
        {
            DateTimeOffset now = time.GetUtcNow();
            WrappedDataKey? newest = await rows.NewestAsync(stop);
            if (newest is null || now >= DueAt(newest))
                newest = await rows.AddAsync(DataKeyWrap.NewWrapped(_protector), now, now + settings.Value.RotateAfter, stop);
            Volatile.Write(ref _newest, newest);
            return newest;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private DateTimeOffset DueAt(WrappedDataKey key) => DataKeyWrap.DueAt(key, settings.Value.RenewedAt);

    public void Dispose() => _oneAtATime.Dispose();
}
