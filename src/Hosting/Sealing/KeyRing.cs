using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ShitOps.Hosting.Configuration;

namespace ShitOps.Hosting.Sealing;

/// <summary>
/// The Data Protection key ring, shared by all processes through the database. The stock ring reads its keys once a
/// day; this one reads them anew as soon as something was protected under a key it does not know, so a process that
/// started before a key was made needs no restart. It does so by building a fresh ring: that has no stale cache.
/// </summary>
public sealed partial class KeyRing : IDataProtectionProvider
{
    /// <summary>Part of every derived key: all processes of a cluster must agree on it.</summary>
    private const string ApplicationName = "ShitOps.Orleans";

    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromSeconds(1);
    /// <summary>As long as keys live that the ring makes by itself.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    private readonly Lock _lock = new();
    private readonly IKeyRingRows _rows;
    private readonly SealingSettings _settings;
    private readonly bool _mayCreateKeys;
    private readonly ILoggerFactory _logging;
    private readonly TimeProvider _time;
    /// <summary>The one before may still be in use, and goes when nobody holds it any more: it has nothing that must be given back.</summary>
    private ServiceProvider _ring;
    private long? _readAt;
    private volatile bool _renewed;

    internal KeyRing(IKeyRingRows rows, IOptions<SealingSettings> settings, bool mayCreateKeys, ILoggerFactory logging, TimeProvider time)
    {
        _rows = rows;
        _settings = settings.Value;
        _mayCreateKeys = mayCreateKeys;
        _logging = logging;
        _time = time;
        if (_settings is { CertificatePath: null, KeyFile: null })
            Log.NotWrapped(logging.CreateLogger<KeyRing>());
        _ring = Build();
    }

    /// <exception cref="InvalidOperationException">There is no key yet, and this process may not make one.</exception>
    /// <exception cref="KeyRingAwayException">The keys are out of reach: it passes.</exception>
    public IDataProtector CreateProtector(string purpose) => new Protector(this, [purpose]);

    private byte[] Use(string[] purposes, Func<IDataProtector, byte[]> use)
    {
        ServiceProvider ring = Volatile.Read(ref _ring);
        try
        {
            return UseOnce(purposes, use);
        }
        catch (Exception error) when (error is CryptographicException or InvalidOperationException && TryReadAgain(ring))
        {
            // This process started before there was this key.
            return UseOnce(purposes, use);
        }
    }

    private byte[] UseOnce(string[] purposes, Func<IDataProtector, byte[]> use) => Reach(() => use(Of(purposes)));

    private static T Reach<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception error) when (KeyRingAwayException.Of(error) is { } away)
        {
            throw new KeyRingAwayException(away.Message, error);
        }
    }

    private IDataProtector Of(string[] purposes) =>
        Volatile.Read(ref _ring).GetRequiredService<IDataProtectionProvider>().CreateProtector(purposes);

    /// <summary>False if the ring was read a moment ago: a changed text must not make every call read the database.</summary>
    private bool TryReadAgain(ServiceProvider seen)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_ring, seen))
                return true;
            if (_readAt is { } at && _time.GetElapsedTime(at) < ReadAgainAfter)
                return false;
            _readAt = _time.GetTimestamp();
            Volatile.Write(ref _ring, Build());
            return true;
        }
    }

    /// <summary>Makes a key if the newest is from before <see cref="SealingSettings.RenewedAt"/>, and that time has come.</summary>
    private void Renew()
    {
        if (!_mayCreateKeys || _renewed || !(_time.GetUtcNow() >= _settings.RenewedAt))
            return;
        lock (_lock)
        {
            if (_renewed)
                return;
            // As it is now: another silo may have made the key. Where two do so at once, both stay.
            ServiceProvider ring = Build();
            IKeyManager keys = ring.GetRequiredService<IKeyManager>();
            if (!Reach(keys.GetAllKeys).Any(key => key.CreationDate >= _settings.RenewedAt))
            {
                DateTimeOffset now = _time.GetUtcNow();
                IKey made = Reach(() => keys.CreateNewKey(now, now + Lifetime));
                Log.Renewed(_logging.CreateLogger<KeyRing>(), made.KeyId, _settings.RenewedAt.Value);
            }
            Volatile.Write(ref _ring, ring);
            _renewed = true;
        }
    }

    private ServiceProvider Build()
    {
        var services = new ServiceCollection();
        services.AddSingleton(_logging);
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        IDataProtectionBuilder builder = services.AddDataProtection()
            .SetApplicationName(ApplicationName)
            .UseCryptographicAlgorithms(new AuthenticatedEncryptorConfiguration
            {
                EncryptionAlgorithm = EncryptionAlgorithm.AES_256_GCM,
            });
        services.Configure<KeyManagementOptions>(options =>
        {
            options.XmlRepository = new KeyRingRepository(_rows);
            options.AutoGenerateKeys = _mayCreateKeys;
        });
        KeyRingWrap.Apply(builder, _settings);
        return services.BuildServiceProvider();
    }

    private sealed class Protector(KeyRing ring, string[] purposes) : IDataProtector
    {
        public IDataProtector CreateProtector(string purpose) => new Protector(ring, [.. purposes, purpose]);

        public byte[] Protect(byte[] plaintext)
        {
            ring.Renew();
            return ring.Use(purposes, protector => protector.Protect(plaintext));
        }

        public byte[] Unprotect(byte[] protectedData) => ring.Use(purposes, protector => protector.Unprotect(protectedData));
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Warning, "The key ring is not wrapped: no certificate and no key file is configured. Only development may do that")]
        public static partial void NotWrapped(ILogger logger);

        [LoggerMessage(4004, LogLevel.Information, "The key ring has the new key {Key}, since those from before {RenewedAt} protect nothing new")]
        public static partial void Renewed(ILogger logger, Guid key, DateTimeOffset renewedAt);
    }
}
