using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ShitOps.Hosting.Configuration;
using ShitOps.Hosting.Sealing;

namespace ShitOps.Hosting.Tests.Sealing;

/// <summary>What one process has of sealing: its own ring, its own keys, the shared rows.</summary>
internal sealed class SealingProcess : IDisposable
{
    private readonly DatabaseDataKeyStore _store;

    public SealingProcess(MemoryRows rows, SealingSettings? settings = null, bool mayCreateKeys = true, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        IOptions<SealingSettings> options = Options.Create(settings ?? new SealingSettings());
        Ring = new KeyRing(rows, options, mayCreateKeys, NullLoggerFactory.Instance, time);
        _store = new DatabaseDataKeyStore(rows, Ring, options, time);
        Bodies = new SealedBodies(_store, Ring, time, NullLogger<SealedBodies>.Instance);
    }

    public KeyRing Ring { get; }

    public SealedBodies Bodies { get; }

    public static int KeyOf(byte[] sealedBody) => SealedLayout.KeyId(sealedBody);

    public void Dispose() => _store.Dispose();
}
