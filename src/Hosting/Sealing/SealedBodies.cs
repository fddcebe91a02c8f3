using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging;

namespace ShitOps.Hosting.Sealing;

/// <summary>
/// Seals and opens bodies. With the key at hand, which is nearly always, both complete at once and allocate the
/// result only. Thread-safe.
/// </summary>
public sealed partial class SealedBodies(IDataKeyStore store, KeyRing ring, TimeProvider time, ILogger<SealedBodies> logger)
{
    /// <summary>Bytes a sealed body is longer than the plain one.</summary>
    public const int Overhead = SealedLayout.Overhead;

    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(5);

    private readonly IDataProtector _protector = DataKeyWrap.Protector(ring);
    private readonly ConcurrentDictionary<int, DataKey> _keys = new();
    private readonly Lock _lock = new();
    private volatile DataKey? _current;
    private Task<DataKey>? _refresh;
    private long _refreshBegan;

    /// <param name="id">The message's id; the body opens for this id only.</param>
    /// <param name="part">The number of a chunk, 0 for a body of one piece; bound in like the id.</param>
    /// <exception cref="CryptographicException">The key ring cannot unwrap the data key.</exception>
    public ValueTask<byte[]> SealAsync(ReadOnlyMemory<byte> plain, Guid id, int part = 0, CancellationToken stop = default)
    {
        DataKey? key = _current;
        if (key is not null)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (now >= key.DueAt)
                RefreshInBackground();
            if (now < key.RotateAt)
                return new(SealedLayout.Seal(key, plain.Span, id, part));
        }
        return SealSlowlyAsync(plain, id, part, stop);
    }

    /// <exception cref="CryptographicException">The body was changed, moved to another message, or its key is gone.</exception>
    public ValueTask<byte[]> OpenAsync(ReadOnlyMemory<byte> sealedBody, Guid id, int part = 0, CancellationToken stop = default) =>
        _keys.TryGetValue(SealedLayout.KeyId(sealedBody.Span), out DataKey? key)
            ? new(SealedLayout.Open(key, sealedBody.Span, id, part))
            : OpenSlowlyAsync(sealedBody, id, part, stop);

    private async ValueTask<byte[]> SealSlowlyAsync(ReadOnlyMemory<byte> plain, Guid id, int part, CancellationToken stop)
    {
        DataKey key = await Refresh().WaitAsync(stop);
        return SealedLayout.Seal(key, plain.Span, id, part);
    }

    private async ValueTask<byte[]> OpenSlowlyAsync(ReadOnlyMemory<byte> sealedBody, Guid id, int part, CancellationToken stop)
    {
        int keyId = SealedLayout.KeyId(sealedBody.Span);
        WrappedDataKey row = await store.FindAsync(keyId, stop) ?? throw new CryptographicException($"The data key {keyId} is gone.");
        return SealedLayout.Open(Keep(row), sealedBody.Span, id, part);
    }

    /// <summary>One refresh at a time, shared by all who wait for it.</summary>
    private Task<DataKey> Refresh()
    {
        lock (_lock)
        {
            if (_refresh is null or { IsCompleted: true })
            {
                _refreshBegan = time.GetTimestamp();
                // Off the caller's scheduler: the refresh belongs to no grain's turn.
                _refresh = Task.Run(RefreshAsync);
            }
            return _refresh;
        }
    }

    private void RefreshInBackground()
    {
        lock (_lock)
        {
            if (_refresh is not null && (!_refresh.IsCompleted || time.GetElapsedTime(_refreshBegan) < TryAgainAfter))
                return;
        }
        // Told below if it fails; whoever seals after RotateAt waits for the next one and sees the error itself.
        _ = Refresh().ContinueWith(
            static (failed, state) => Log.RefreshFailed(((SealedBodies)state!).Logger, failed.Exception!.InnerException!),
            this, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private ILogger Logger => logger;

    private async Task<DataKey> RefreshAsync()
    {
        DataKey key = Keep(await store.CurrentAsync());
        DataKey? before = _current;
        _current = key;
        if (before is not null && before.Id != key.Id)
            Log.Rotated(logger, before.Id, key.Id);
        return key;
    }

    private DataKey Keep(WrappedDataKey row) =>
        _keys.TryGetValue(row.Id, out DataKey? known) ? known : _keys.GetOrAdd(row.Id, new DataKey(row, Unwrap(row)));

    private byte[] Unwrap(WrappedDataKey row)
    {
        byte[] key = _protector.Unprotect(row.Wrapped);
        return key.Length == DataKeyWrap.KeyBytes ? key : throw new CryptographicException($"The data key {row.Id} is not {DataKeyWrap.KeyBytes} bytes long.");
    }

    private static partial class Log
    {
        [LoggerMessage(4002, LogLevel.Information, "New bodies are sealed under data key {Key}; data key {Before} still opens")]
        public static partial void Rotated(ILogger logger, int before, int key);

        [LoggerMessage(4003, LogLevel.Warning, "The next data key could not be fetched; trying again")]
        public static partial void RefreshFailed(ILogger logger, Exception error);
    }
}
