using System.Data.Common;
using System.Net.Sockets;
using Orleans.Serialization;
using ShitOps.Grains;

namespace ShitOps.Gateway.Cluster;

/// <summary>Which failures of a grain call pass when it is tried again, and which of them surely left nothing behind.</summary>
internal static class Transience
{
    /// <summary>Thrown by grains whose assembly a gateway does not load; they arrive by name.</summary>
    private const string StorageExceptions = "ShitOps.Grains.Storage.";

    public static bool IsTransient(Exception error) => error switch
    {
        TimeoutException or OrleansException or IOException or SocketException or DbException or StoreUnavailableException => true,
        // An activation that failed on the database tells so by an exception whose type is unknown here.
        CodecNotFoundException => true,
        // The client is between two connections, or shutting down.
        ObjectDisposedException or OperationCanceledException => true,
        UnavailableExceptionFallbackException unknown => unknown.ExceptionType is { } type && (IsOfStorage(type) || type.Contains("SqlException", StringComparison.Ordinal)
            || type.Contains("SqliteException", StringComparison.Ordinal)),
        InvalidOperationException invalid => invalid.Source?.StartsWith("Orleans", StringComparison.Ordinal) == true,
        _ => IsOfStorage(error.GetType().FullName ?? ""),
    };

    /// <summary>A call that was turned away before it ran. A silo that died in mid-call is not among them.</summary>
    public static bool NeverRan(Exception error) => error is GatewayTooBusyException || error.GetType() == typeof(OrleansMessageRejectionException);

    private static bool IsOfStorage(string type) => type.StartsWith(StorageExceptions, StringComparison.Ordinal);
}
